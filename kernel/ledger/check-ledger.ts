import type { Inspection, Stored } from '../store/inspection.ts'
import type { Projection } from './apply.ts'
import { chainOf } from './chain.ts'
import { type FlawList, wordsOf } from './flaw.ts'
import type { HeadCheck } from './head-check.ts'
import { replayInto } from './replay.ts'
import type { LedgerRow } from './row.ts'
import type { Sealer } from './seal.ts'
import { sealCheckOf } from './seal-check.ts'

export interface LedgerCheck {
  readonly inspection: Inspection
  readonly heads: HeadCheck
  readonly sealer: Sealer
  readonly projection: Projection
  /** The site that the rows must bear; without it, the first row's: the seals cover it. */
  readonly site: string | undefined
  readonly flaws: FlawList
  readonly onProgress: (done: number, all: number) => void
}

/** What was walked through. `isWhole` says that every row could be read: only then does the replay stand for all of the ledger. */
export interface Walked {
  readonly facts: number
  readonly head: { readonly position: number; readonly hash: string }
  readonly seals: number
  readonly isWhole: boolean
  readonly notes: readonly string[]
}

const PAGE = 1000

/** One walk over the whole ledger: chain, numbers, seals, head file, and the replay of each fact. */
export const checkLedger = async (parts: LedgerCheck): Promise<Walked> => {
  const { inspection, flaws, heads } = parts
  const chain = chainOf(parts.site, flaws)
  const seals = sealCheckOf(inspection, parts.sealer, heads, flaws)
  const replay = replayInto(inspection, parts.projection, flaws)
  let isWhole = true
  const all = await inspection.last().catch(() => 0)
  const rows = pagesOf(inspection, (position, error) => {
    isWhole = false
    flaws.add({ what: 'row', position, why: `the ledger cannot be read from here on: ${wordsOf(error)}` })
  })
  for await (const page of rows) {
    for (const stored of page) {
      const row = { ...stored.row, data: textOf(stored.bytes) }
      if (!chain.follow({ ...stored, row })) continue
      await seals.pass(row, chain.site ?? row.site)
      await replay.apply(row)
    }
    parts.onProgress(chain.facts, all)
  }
  await replay.end()
  await seals.end(chain.position)
  const note = heads.end(chain.position)
  return {
    facts: chain.facts,
    head: { position: chain.position, hash: chain.hash },
    seals: seals.seals,
    isWhole,
    notes: note === undefined ? [] : [note],
  }
}

const textOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')

/** From below every number, so that a row at a place where none can be is met as well. */
async function* pagesOf(
  inspection: Inspection,
  onTorn: (position: number, error: unknown) => void,
): AsyncGenerator<Stored<LedgerRow>[]> {
  let from = -(2n ** 63n)
  for (let limit = PAGE; ; ) {
    let page: Stored<LedgerRow>[]
    try {
      page = await inspection.stored<LedgerRow>('ledger', { from, limit, bytesOf: 'data' })
    } catch (error) {
      // Row by row up to the one that cannot be read, so that the report names it.
      if (limit === 1) return onTorn(Number(from > 0n ? from : 1n), error)
      limit = 1
      continue
    }
    const last = page.at(-1)
    if (!last) return
    yield page
    from = BigInt(last.row.position) + 1n
  }
}
