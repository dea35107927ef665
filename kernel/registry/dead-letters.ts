import type { Dead, DeadLetterState, DeadLetterView, FactSpec, KeptFact, Retried } from '@recyclique/contracts'
import type { Log } from '../bus/port.ts'
import { refuse } from '../errors.ts'
import { rowsFrom } from '../ledger/ledger.ts'
import { factOf, type LedgerRow } from '../ledger/row.ts'
import type { Read } from '../store/port.ts'
import { type Change, put, type Row } from '../store/table.ts'
import { inTurns } from './in-turns.ts'

/** Which letters: of one module, in one state, behind one place in the list. */
export interface Wanted {
  readonly module?: string | undefined
  readonly state?: DeadLetterState | undefined
  readonly after?: { readonly module: string; readonly position: number } | undefined
  readonly limit: number
}

/** Which one, and who says what is to become of it. */
export interface Deciding {
  readonly module: string
  readonly position: number
  readonly actor: string
}

/** The facts that modules could not take, and what becomes of them. Each refuses with `not-found` where there is no such letter. */
export interface DeadLetters {
  /** By module and position. */
  list(wanted: Wanted): Promise<DeadLetterView[]>
  one(module: string, position: number): Promise<DeadLetterView>
  /** Gives the fact to its module once more. Not taken: the letter says why. One that was taken is not given to it again. */
  retry(deciding: Deciding): Promise<{ readonly taken: boolean; readonly letter: DeadLetterView }>
  /** Nobody need look at it any more. Refuses for a fact that was taken meanwhile. */
  discard(deciding: Deciding, reason: string): Promise<DeadLetterView>
}

export interface DeadLetterParts {
  readonly read: Read
  readonly write: (changes: readonly Change[]) => Promise<void>
  /** Gives a fact to a process of its module, and brings its word and which one it was. */
  readonly giveAgain: (module: string, fact: KeptFact) => Promise<{ readonly instance: string; readonly said: Retried }>
  readonly now: () => Date
  readonly log: Log
}

interface LetterRow extends Row {
  readonly module: string
  readonly position: number
  readonly instance: string
  readonly error: string
  readonly stack: string | null
  readonly attempts: number
  readonly at: string
  readonly state: DeadLetterState
  readonly decided_at: string | null
  readonly decided_by: string | null
  readonly reason: string | null
}

export const openDeadLetters = (parts: DeadLetterParts) => {
  const { read, write, giveAgain, log } = parts
  const inTurn = inTurns()
  const at = () => parts.now().toISOString()

  const find = (module: string, position: number) =>
    read.one<LetterRow>('SELECT * FROM dead_letter WHERE module = ? AND position = ?', module, position)

  const known = async (module: string, position: number): Promise<LetterRow> =>
    (await find(module, position)) ?? refuse('not-found', { what: `dead letter of ${module} at position ${position}` })

  const rowAt = async (position: number): Promise<LedgerRow | undefined> => {
    const [row] = await rowsFrom(read, position, 1)
    return row?.position === position ? row : undefined
  }

  const shown = async (letter: LetterRow): Promise<DeadLetterView> => viewOf(letter, await rowAt(letter.position))

  /** One at a time for each letter: two retries at once would give the fact to two processes. */
  const alone = <T>({ module, position }: Deciding, work: () => Promise<T>) => inTurn(`${module} ${position}`, work)

  const keep = async (letter: LetterRow): Promise<DeadLetterView> => {
    await write([put('dead_letter', letter)])
    return shown(letter)
  }

  /** On disk when it resolves. Who was decided to be left stays so: its module found it again while it was told its past anew. */
  const buried = async (module: string, { instance, position, error, stack, attempts }: Dead): Promise<void> => {
    const before = await find(module, position)
    const state = before?.state === 'discarded' ? 'discarded' : 'dead'
    const decided = before ? decidedOf(before) : UNDECIDED
    await write([
      put('dead_letter', {
        module,
        position,
        instance,
        error,
        stack: stack ?? null,
        attempts,
        at: at(),
        state,
        ...decided,
      }),
    ])
    log.warn({ module, position, error, attempts }, 'a fact lies with the dead letters: its module could not take it')
  }

  const retry = (deciding: Deciding) =>
    alone(deciding, async () => {
      const { module, position, actor } = deciding
      const letter = await known(module, position)
      if (letter.state === 'retried') return { taken: true, letter: await shown(letter) }
      const row = (await rowAt(position)) ?? refuse('dead-letter-closed', { why: 'the ledger has no such fact' })
      const { instance, said } = await giveAgain(module, factOf(row, AS_IT_IS))
      const tried = { ...letter, instance, attempts: letter.attempts + 1, at: at() }
      const decided = { decided_at: at(), decided_by: actor, reason: null }
      log.info({ module, position, actor, taken: said.ok }, 'a dead letter was given to its module again')
      const after: LetterRow = said.ok
        ? { ...tried, state: 'retried', ...decided }
        : { ...tried, error: said.error, stack: said.stack ?? null }
      return { taken: said.ok, letter: await keep(after) }
    })

  const discard = (deciding: Deciding, reason: string) =>
    alone(deciding, async () => {
      const { module, position, actor } = deciding
      const letter = await known(module, position)
      if (letter.state === 'retried') refuse('dead-letter-closed', { why: 'the module has taken the fact' })
      log.info({ module, position, actor, reason }, 'a dead letter was discarded')
      return keep({ ...letter, state: 'discarded', decided_at: at(), decided_by: actor, reason })
    })

  const list = async ({ module: one, state: only, after, limit }: Wanted) => {
    const [module, state] = [one ?? null, only ?? null]
    const letters = await read.all<LetterRow>(
      `SELECT * FROM dead_letter WHERE (module = ? OR ? IS NULL) AND (state = ? OR ? IS NULL)
       AND (module > ? OR (module = ? AND position > ?)) ORDER BY module, position LIMIT ?`,
      ...[module, module, state, state],
      ...[after?.module ?? '', after?.module ?? '', after?.position ?? 0, limit],
    )
    return Promise.all(letters.map(shown))
  }

  const letters: DeadLetters = {
    list,
    one: async (module, position) => shown(await known(module, position)),
    retry,
    discard,
  }
  return { letters, buried }
}

/** A fact travels in the version in which it was kept; who hears it brings it up to its own. */
const AS_IT_IS: ReadonlyMap<string, FactSpec> = new Map()

const UNDECIDED = { decided_at: null, decided_by: null, reason: null }
const decidedOf = ({ decided_at, decided_by, reason }: LetterRow) => ({ decided_at, decided_by, reason })

const viewOf = (letter: LetterRow, row: LedgerRow | undefined): DeadLetterView => {
  const { module, position, instance, error, stack, attempts, at, state, decided_at, decided_by, reason } = letter
  return {
    ...{ module, position, state, error, attempts, instance, at },
    ...(stack === null ? {} : { stack }),
    ...(decided_at === null || decided_by === null
      ? {}
      : { decided: { by: decided_by, at: decided_at, ...(reason === null ? {} : { reason }) } }),
    ...(row ? { fact: factView(row) } : {}),
  }
}

const factView = ({ name, version, journal, seq, recorded_at: recordedAt, actor, data }: LedgerRow) => ({
  ...{ name, version, journal, seq, recordedAt, actor },
  data: JSON.parse(data) as unknown,
})
