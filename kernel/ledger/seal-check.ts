import type { Inspection, Stored } from '../store/inspection.ts'
import { type FlawList, placeOf } from './flaw.ts'
import type { HeadCheck } from './head-check.ts'
import type { LedgerRow } from './row.ts'
import type { Sealer } from './seal.ts'

interface SealRow {
  readonly position: number
  readonly hash: string
  readonly key_id: string
  readonly signature: string
}

/** Walks the seals beside the rows. */
export interface SealCheck {
  readonly seals: number
  /** The position up to which the rows are sealed. */
  readonly sealed: number
  /** To be called for each row, in order. */
  pass(row: LedgerRow, site: string): Promise<void>
  /** To be called behind the last row: what stands behind it, and all signatures. */
  end(last: number): Promise<void>
}

const PAGE = 1000
/** So many signatures may be under way, so that a long ledger is not held in memory. */
const MOST_UNDER_WAY = 2000
/** Looking for a seal that is gone takes a tenth of a second. */
const MOST_SEARCHES = 5

/** Each seal stands on a row, bears its hash, and is signed over the seal before it; what a signature covers cannot have moved. */
export const sealCheckOf = (inspection: Inspection, sealer: Sealer, heads: HeadCheck, flaws: FlawList): SealCheck => {
  const next = sealsIn(inspection, flaws)
  let waiting: Stored<SealRow> | undefined
  let isStarted = false
  let searches = 0
  let underWay: Promise<void>[] = []
  const check = {
    seals: 0,
    sealed: 0,
    async pass(row: LedgerRow, site: string) {
      if (!isStarted) await advance()
      while (waiting && !(waiting.row.position >= row.position)) await skip()
      if (!waiting || waiting.row.position !== row.position) return
      const { row: seal, misfit } = waiting
      check.seals += 1
      if (misfit !== undefined) fault(row, misfit)
      else if (seal.hash !== row.hash) fault(row, 'the seal’s hash is not the row’s')
      else if (seal.key_id !== sealer.keyId)
        fault(row, `it was sealed with the key ${seal.key_id}, not with ${sealer.keyId}`)
      else await sign(row, seal, site)
      check.sealed = row.position
      heads.pass(row)
      await advance()
    },
    async end(last: number) {
      if (!isStarted) await advance()
      for (let many = 0; waiting && many < PAGE; many += 1) await skip()
      if (check.sealed < last)
        flaws.add({
          what: 'seal',
          position: check.sealed + 1,
          why: `positions ${check.sealed + 1} to ${last} are not sealed`,
        })
      await Promise.all(underWay)
    },
  }

  const advance = async () => {
    isStarted = true
    waiting = await next()
  }
  const skip = async () => {
    const position = waiting?.row.position
    const place = typeof position === 'number' ? { position: Math.max(position, 1) } : {}
    flaws.add({ what: 'seal', ...place, why: `a seal stands at position ${position}, where there is no row` })
    await advance()
  }
  const fault = (row: LedgerRow, why: string) => flaws.add({ what: 'seal', ...placeOf(row), why })
  const sign = async (row: LedgerRow, { hash, signature }: SealRow, site: string) => {
    const previous = check.sealed
    const place = { site, position: row.position, hash }
    const checked = sealer.isOurs({ ...place, previous }, signature).then((isOurs) => {
      if (isOurs) return
      searches += 1
      const skipped =
        searches > MOST_SEARCHES
          ? undefined
          : skippedSeal(previous, row.position, (from) => sealer.isGenuine({ ...place, previous: from }, signature))
      if (skipped === undefined) fault(row, 'its signature is not the one that was made for it')
      else flaws.add({ what: 'seal', position: skipped, why: `the seal of position ${skipped} was taken away` })
    })
    underWay.push(checked)
    if (underWay.length < MOST_UNDER_WAY) return
    await Promise.all(underWay)
    underWay = []
  }
  return check
}

/** A seal names the one before it: when that one is gone, it still says where it stood. */
const skippedSeal = (after: number, before: number, fits: (position: number) => boolean): number | undefined => {
  for (let position = Math.max(after + 1, before - PAGE); position < before; position += 1)
    if (fits(position)) return position
  return undefined
}

/** Seals one by one, read in pages; a page that cannot be read ends them, and is a flaw. */
const sealsIn = (inspection: Inspection, flaws: FlawList) => {
  let page: Stored<SealRow>[] = []
  let at = 0
  let from = -(2n ** 63n)
  let isOver = false
  return async (): Promise<Stored<SealRow> | undefined> => {
    if (at === page.length && !isOver) {
      at = 0
      page = await inspection.stored<SealRow>('seal', { from, limit: PAGE }).catch((error: Error) => {
        flaws.add({ what: 'seal', why: `the seals from position ${from} on cannot be read: ${error.message}` })
        return []
      })
      isOver = page.length < PAGE
      const last = page.at(-1)
      if (last) from = BigInt(last.row.position) + 1n
    }
    at += 1
    return page[at - 1]
  }
}
