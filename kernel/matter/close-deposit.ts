import { DepositClosed } from '@recyclique/contracts'
import { refuse } from '../errors.ts'
import { draft, type Rule } from '../ledger/rule.ts'
import { type Deposit, findDeposit, lineDateOf, openDepositOf } from './deposit.ts'
import { linesOf, type MatterLine, netOf } from './line.ts'

export interface CloseDeposit {
  readonly depositId: string
}

interface State {
  readonly deposit: Deposit | undefined
  readonly lines: readonly MatterLine[]
}

/** Ends a deposit. One whose lines were all struck out can be closed: it comes to nothing. */
export const closeDeposit: Rule<CloseDeposit, State> = {
  load: async (read, { depositId }) => ({
    deposit: await findDeposit(read, depositId),
    lines: await linesOf(read, depositId),
  }),
  decide({ deposit, lines }, { body: { depositId } }, moment) {
    const open = openDepositOf(deposit, depositId)
    if (lines.length === 0) refuse('deposit-empty')
    const closed: DepositClosed = {
      depositId,
      postId: open.postId,
      lineCount: lines.filter(({ isStruck }) => !isStruck).length,
      netGrams: netOf(lines),
    }
    return { facts: [draft(DepositClosed, closed, lineDateOf(open, moment))] }
  },
}
