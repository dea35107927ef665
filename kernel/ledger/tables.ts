import type { Tables } from '../store/table.ts'

/** The record itself, its seals, and which command yielded what. */
export const ledgerTables: Tables = {
  ledger: {
    keep: 'ledger',
    columns: {
      position: 'int',
      id: 'text',
      journal: 'text',
      seq: 'int',
      mode: 'text',
      name: 'text',
      version: 'int',
      site: 'text',
      recorded_at: 'text',
      business_date: 'text',
      actor: 'text',
      command_key: 'text',
      command_hash: 'text',
      data: 'text',
      prev_hash: 'text',
      hash: 'text',
    },
    key: ['position'],
    unique: [{ columns: ['journal', 'seq'] }],
  },
  seal: {
    keep: 'ledger',
    columns: { position: 'int', hash: 'text', key_id: 'text', signature: 'text' },
    key: ['position'],
  },
  command: {
    keep: 'state',
    columns: { key: 'text', hash: 'text', first: 'int', last: 'int' },
    key: ['key'],
  },
}
