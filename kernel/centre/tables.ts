import type { Tables } from '../store/table.ts'

/** Master data as they are now, and the personal data that stand apart from the ledger. */
export const centreTables: Tables = {
  record: {
    keep: 'state',
    columns: { kind: 'text', id: 'text', data: 'text', archived: 'int' },
    key: ['kind', 'id'],
  },
  personal: {
    keep: 'apart',
    columns: { ref: 'text', kind: 'text', text: 'text', written_at: 'text' },
    key: ['ref', 'kind'],
  },
}
