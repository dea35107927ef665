import { type ArgsOf, MatterLogged, type WeighBody, WeighValidate } from '@recyclique/contracts'
import { refuse } from '../errors.ts'
import { skippedIn, TILL_BUDGET_MS } from '../ledger/asked.ts'
import { draft, type Rule } from '../ledger/rule.ts'
import type { Read } from '../store/port.ts'
import { type Deposit, findDeposit, lineDateOf, openDepositOf } from './deposit.ts'
import { type Known, loadKnown, measure } from './measure.ts'
import { findUsualGrams, isConfirmed } from './usual.ts'

export interface Weigh extends WeighBody {
  readonly depositId: string
}

interface State {
  readonly deposit: Deposit | undefined
  readonly lastLine: number
  readonly known: Known
  readonly usualGrams: number
}

/** Adds a line to an open deposit. */
export const weigh: Rule<Weigh, State> = {
  asks: { hook: WeighValidate, budgetMs: TILL_BUDGET_MS },
  load: async (read, body) => ({
    deposit: await findDeposit(read, body.depositId),
    lastLine: await lastLineOf(read, body.depositId),
    known: await loadKnown(read, [body]),
    usualGrams: await findUsualGrams(read, body.categoryId),
  }),
  decide({ deposit, lastLine, known, usualGrams }, command, moment) {
    const { id, body } = command
    const { depositId, method = 'weighed', destination = 'shop' } = body
    const open = openDepositOf(deposit, depositId)
    const measured = measure(body, known, '')
    checkCount(body, '')
    const logged: MatterLogged = {
      depositId,
      postId: open.postId,
      lineId: id,
      line: lastLine + 1,
      ...measured,
      method,
      destination,
      isConfirmed: isConfirmed(measured, usualGrams, body.confirmed, ''),
      ...skippedIn(command),
    }
    return { facts: [draft(MatterLogged, logged, lineDateOf(open, moment))], question: questionAbout(logged) }
  },
}

const questionAbout = (logged: MatterLogged): ArgsOf<typeof WeighValidate> => {
  const { depositId, postId, categoryId, grossGrams, tareGrams, netGrams, qty, method, destination, isConfirmed } =
    logged
  return {
    ...{ depositId, postId, categoryId, grossGrams, tareGrams, netGrams, method, destination, isConfirmed },
    ...(qty === undefined ? {} : { qty }),
  }
}

/** A line that was counted says how many. */
export const checkCount = ({ method, qty }: Pick<WeighBody, 'method' | 'qty'>, field: string): void => {
  if (method === 'counted' && qty === undefined) refuse('quantity-missing', {}, `${field}/qty`)
}

const lastLineOf = async (read: Read, depositId: string): Promise<number> =>
  (await read.one<{ line: number | null }>('SELECT MAX(line) AS line FROM matter_line WHERE source_id = ?', depositId))
    ?.line ?? 0
