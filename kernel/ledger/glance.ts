import type { Inspection } from '../store/inspection.ts'
import type { Head } from './head-file.ts'
import type { LedgerRow } from './row.ts'

/** What the end of the ledger shows at a glance. `flaws` are sentences; none does not mean that `verify` would find none. */
export interface Glance {
  readonly position: number
  /** When the last fact was kept; absent in an empty ledger. */
  readonly recordedAt: string | undefined
  readonly site: string | undefined
  readonly flaws: readonly string[]
}

export interface GlanceParts {
  /** Of the head file, read before the ledger was opened: a commit in between must not look like a cut-off end. */
  readonly known: Head | undefined
  readonly inspection: Inspection
  /** Of the key that lies beside the ledger. */
  readonly keyId: string
}

/**
 * Looks at the last fact and its seal only, in a few milliseconds however long the ledger is: is it sealed, with the key that is
 * there, and does the head file know no more than it.
 */
export const glanceAt = async ({ known, inspection, keyId }: GlanceParts): Promise<Glance> => {
  const position = await inspection.last()
  const last = await rowAt(inspection, position)
  const seals = await inspection.stored<Seal>('seal', { from: BigInt(position), limit: 1 })
  const reached = known && (await rowAt(inspection, known.position))
  return {
    position,
    recordedAt: last?.recorded_at,
    site: last?.site,
    flaws:
      position === 0 && !known
        ? []
        : [...sealFlaws(seals[0]?.row, { position, keyId }), ...headFlaws(known, reached, position)],
  }
}

interface Seal {
  readonly position: number
  readonly key_id: string
}

const rowAt = async (inspection: Inspection, position: number): Promise<LedgerRow | undefined> => {
  if (!Number.isInteger(position)) return undefined
  const [found] = await inspection.stored<LedgerRow>('ledger', { from: BigInt(position), limit: 1 })
  return found?.row.position === position ? found.row : undefined
}

const sealFlaws = (seal: Seal | undefined, { position, keyId }: { position: number; keyId: string }): string[] => {
  if (seal?.position !== position) return [`the last fact, position ${position}, is not sealed`]
  if (seal.key_id === keyId) return []
  return [
    `it is sealed with the key ${seal.key_id}, but the key that is there is ${keyId}: it belongs to another ledger`,
  ]
}

const headFlaws = (known: Head | undefined, reached: LedgerRow | undefined, position: number): string[] => {
  if (!known) return ['the head file is gone: a cut-off end of the ledger would not show']
  if (known.position > position) return [`it ends at position ${position}, but ${known.position} was reached before`]
  if (known.hash === reached?.hash) return []
  return [`position ${known.position} is not the one that the head file names`]
}
