import type { Stored } from '../store/inspection.ts'
import { type FlawList, placeOf } from './flaw.ts'
import { GENESIS, hashOf, type LedgerRow } from './row.ts'

/** What the chain was like, up to the row that was looked at last. */
export interface Chain {
  readonly facts: number
  readonly position: number
  readonly hash: string
  readonly site: string | undefined
  /** Looks at the next row; gives false when it stands where none can be, so that nothing can follow from it. */
  follow(stored: Stored<LedgerRow>): boolean
}

/**
 * Follows the rows of a ledger in order and names each one that is not as it was written: its hash, computed again from the
 * stored bytes, the hash before it, its place, its number in its journal, its time, its site.
 */
export const chainOf = (site: string | undefined, flaws: FlawList): Chain => {
  const seqs = new Map<string, number>()
  let recordedAt = ''
  const chain = {
    facts: 0,
    position: 0,
    hash: GENESIS,
    site,
    follow(stored: Stored<LedgerRow>): boolean {
      const { row } = stored
      chain.facts += 1
      if (!isPosition(row.position)) {
        const why = `a row stands at position ${row.position}, where none can be`
        flaws.add({ what: 'row', ...placeOf(row), position: 1, why })
        return false
      }
      if (row.position > chain.position + 1) flaws.add(gap(chain.position + 1, row.position - 1))
      const before = chain.hash
      const isAdjacent = row.position === chain.position + 1
      chain.position = row.position
      chain.hash = String(row.hash)
      const whys = whatIsWrong(stored, { before: isAdjacent ? before : row.prev_hash, site: chain.site ?? row.site })
      if (whys.length > 0) flaws.add({ what: 'row', ...placeOf(row), why: whys.join('; ') })
      // Of an altered row only the place is believed, so that the rows behind it are not blamed as well.
      if (whys.length > 0) {
        if (typeof row.journal === 'string') seqs.set(row.journal, nextSeq(row.journal))
        return true
      }
      chain.site ??= row.site
      if (row.seq !== nextSeq(row.journal))
        flaws.add({ what: 'numbering', ...placeOf(row), why: `number ${nextSeq(row.journal)} was to come` })
      if (row.recorded_at < recordedAt)
        flaws.add({
          what: 'row',
          ...placeOf(row),
          why: `its time (${row.recorded_at}) is before that of the row before`,
        })
      seqs.set(row.journal, row.seq)
      recordedAt = row.recorded_at
      return true
    },
  }
  const nextSeq = (journal: string) => (seqs.get(journal) ?? 0) + 1
  return chain
}

const isPosition = (position: unknown) => typeof position === 'number' && position > 0

const gap = (from: number, to: number) => ({
  what: 'numbering' as const,
  position: from,
  why: from === to ? `position ${from} is missing` : `positions ${from} to ${to} are missing`,
})

const whatIsWrong = (
  { row, bytes, misfit }: Stored<LedgerRow>,
  { before, site }: { before: string; site: string },
): string[] => {
  if (misfit !== undefined) return [misfit]
  const whys: string[] = []
  if (hashOf(row, bytes) !== row.hash) whys.push('its hash does not fit its content: something in it was altered')
  if (row.prev_hash !== before) whys.push('it does not follow the row before it')
  if (row.site !== site) whys.push(`it belongs to the site '${row.site}', not to '${site}'`)
  return whys
}
