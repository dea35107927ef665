import type { Inspection } from '../store/inspection.ts'
import { type Change, insert } from '../store/table.ts'
import type { Projection } from './apply.ts'
import { type FlawList, placeOf, wordsOf } from './flaw.ts'
import { gatherSums } from './gather-sums.ts'
import { factOf, type LedgerRow } from './row.ts'

/** Makes the state tables again, from the facts alone, in the inspection's empty place. */
export interface Replay {
  /** To be called for each row, in order. What a fact cannot do is a flaw of its row. */
  apply(row: LedgerRow): Promise<void>
  /** To be called behind the last row. */
  end(): Promise<void>
}

/** So that a ledger of many years is not held in memory. */
const MOST_SUMS = 50_000

interface Run {
  readonly row: LedgerRow
  last: number
}

/** `verify` and `rebuild` share it. The `command` table is the ledger's own: it follows from the rows' columns, not from `apply`. */
export const replayInto = (inspection: Inspection, projection: Projection, flaws: FlawList): Replay => {
  let run: Run | undefined
  const sums = gatherSums()
  const change = async (one: Change) => {
    if (one.do === 'add') return sums.gather(one)
    for (const sum of sums.take(one.table)) await inspection.replay(sum)
    const touched = await inspection.replay(one)
    if (touched === 0) throw new Error(`it changes a row of ${one.table} that is not there`)
  }
  const endRun = async () => {
    if (!run) return
    const { row, last } = run
    const { command_key: key, command_hash: hash, position: first } = row
    await change(insert('command', { key, hash, first, last })).catch((error) =>
      flaws.add({ what: 'row', ...placeOf(row), why: `its command stands elsewhere already: ${wordsOf(error)}` }),
    )
  }
  return {
    async apply(row) {
      if (run?.row.command_key === row.command_key && run.last === row.position - 1) run.last = row.position
      else {
        await endRun()
        run = { row, last: row.position }
      }
      try {
        for (const one of projection.apply(factOf(row, projection.specs))) await change(one)
        if (sums.size > MOST_SUMS) for (const sum of sums.take()) await inspection.replay(sum)
      } catch (error) {
        flaws.add({ what: 'row', ...placeOf(row), why: `today’s rules cannot apply it: ${wordsOf(error)}` })
      }
    },
    async end() {
      await endRun()
      run = undefined
      for (const sum of sums.take())
        await inspection
          .replay(sum)
          .catch((error) =>
            flaws.add({ what: 'table', table: sum.table, why: `a sum of the facts cannot be kept: ${wordsOf(error)}` }),
          )
    },
  }
}
