import type { Tables } from '../store/table.ts'

/** Tickets and what was paid. Lines stand in the ledger's facts; what they moved stands in `movement` (kernel/matter). */
export const salesTables: Tables = {
  ticket: {
    keep: 'state',
    columns: {
      id: 'text',
      kind: 'text',
      position: 'int',
      journal: 'text',
      seq: 'int',
      mode: 'text',
      register_id: 'text',
      session_id: 'text',
      business_date: 'text',
      recorded_at: 'text',
      total_cents: 'int',
      donation_cents: 'int',
      sale_id: 'text?',
      is_voided: 'int',
      copies: 'int',
    },
    key: ['position'],
    unique: [{ columns: ['id'] }, { columns: ['sale_id'], where: "kind = 'void'" }],
    index: [['session_id']],
  },
  refunded_line: {
    keep: 'state',
    columns: { sale_id: 'text', line: 'int', position: 'int', qty: 'int', cents: 'int', grams: 'int' },
    key: ['sale_id', 'line', 'position'],
  },
  payment: {
    keep: 'state',
    columns: {
      position: 'int',
      n: 'int',
      session_id: 'text',
      register_id: 'text',
      mode: 'text',
      business_date: 'text',
      method_id: 'text',
      nature: 'text',
      cents: 'int',
    },
    key: ['position', 'n'],
    index: [['session_id'], ['business_date']],
  },
  held_ticket: {
    keep: 'apart',
    columns: {
      id: 'text',
      session_id: 'text',
      register_id: 'text',
      label: 'text?',
      lines: 'text',
      held_at: 'text',
      actor: 'text',
      // Sold or dropped: the id stays, so that a request that comes late brings nothing back.
      is_gone: 'int',
    },
    key: ['id'],
    index: [['session_id']],
    since: { is_gone: 0 },
  },
}
