import type { MatterCorrected } from '@recyclique/contracts'
import type { Read } from '../store/port.ts'

/** A correction as it was kept: the old and the new values, both totals, and who made it. */
export type Correction = MatterCorrected & {
  readonly position: number
  readonly recordedAt: string
  readonly actor: string
  readonly note?: string
}

/** All corrections of a deposit or an exit, in their order. */
export const correctionsOf = async (read: Read, sourceId: string): Promise<Correction[]> => {
  const rows = await read.all<{
    position: number
    recordedAt: string
    actor: string
    data: string
  }>(
    `SELECT ledger.position, ledger.recorded_at AS "recordedAt", ledger.actor, ledger.data FROM matter_correction
     JOIN ledger ON ledger.position = matter_correction.position
     WHERE matter_correction.source_id = ? ORDER BY ledger.position`,
    sourceId,
  )
  return Promise.all(
    rows.map(async ({ data, ...place }) => {
      const corrected = JSON.parse(data) as MatterCorrected
      return { ...corrected, ...place, ...(await noteOf(read, 'correction', corrected.correctionId)) }
    }),
  )
}

/** The note of a deposit, an exit or a correction, if it has one that nobody erased. */
export const noteOf = async (read: Read, kind: string, id: string): Promise<{ note?: string }> => {
  const row = await read.one<{ text: string }>(
    "SELECT text FROM personal WHERE ref = ? AND kind = 'note'",
    `${kind}/${id}`,
  )
  return row ? { note: row.text } : {}
}
