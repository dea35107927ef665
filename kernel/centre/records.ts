import type { RecordKind, RecordOf } from '@recyclique/contracts'
import { refuse } from '../errors.ts'
import type { Read } from '../store/port.ts'

/** A record as it is now, or `undefined`. */
export const findRecord = async <K extends RecordKind>(
  read: Read,
  kind: K,
  id: string,
): Promise<RecordOf<K> | undefined> => {
  const row = await read.one<{ data: string }>('SELECT data FROM record WHERE kind = ? AND id = ?', kind, id)
  return row && (JSON.parse(row.data) as RecordOf<K>)
}

/** All records of a kind, archived ones too. */
export const allRecords = async <K extends RecordKind>(read: Read, kind: K): Promise<RecordOf<K>[]> =>
  (await read.all<{ data: string }>('SELECT data FROM record WHERE kind = ? ORDER BY id', kind)).map(
    (row) => JSON.parse(row.data) as RecordOf<K>,
  )

/** Several records of a kind by id; ids that do not exist are missing from the map. */
export const recordsById = async <K extends RecordKind>(
  read: Read,
  kind: K,
  ids: Iterable<string>,
): Promise<Map<string, RecordOf<K>>> => {
  const wanted = [...new Set(ids)]
  if (wanted.length === 0) return new Map()
  const rows = await read.all<{ id: string; data: string }>(
    `SELECT id, data FROM record WHERE kind = ? AND id IN (${'?, '.repeat(wanted.length - 1)}?)`,
    kind,
    ...wanted,
  )
  return new Map(rows.map(({ id, data }) => [id, JSON.parse(data) as RecordOf<K>]))
}

/** The record, if a new act may use it: refuses an unknown id and an archived one, naming the field. */
export const usable = <R extends { archived?: boolean }>(
  record: R | undefined,
  what: string,
  id: string,
  field: string,
): R => {
  if (!record) return refuse('unknown-reference', { what, id }, field)
  if (record.archived) return refuse('archived', { what, id }, field)
  return record
}
