import type { Tables } from '../store/table.ts'

/** Cash sessions and the cash that moved without a ticket. The database itself holds "one open session per register and mode". */
export const cashTables: Tables = {
  session: {
    keep: 'state',
    columns: {
      id: 'text',
      register_id: 'text',
      mode: 'text',
      status: 'text',
      business_date: 'text',
      float_cents: 'int',
      opened_at: 'text',
      opened_by: 'text',
      opened_position: 'int',
      closed_at: 'text?',
      closed_position: 'int?',
      next_float_cents: 'int?',
    },
    key: ['id'],
    unique: [{ columns: ['register_id', 'mode'], where: "status = 'open'" }, { columns: ['opened_position'] }],
  },
  cash_move: {
    keep: 'state',
    columns: { position: 'int', session_id: 'text', kind: 'text', cents: 'int' },
    key: ['position'],
    index: [['session_id']],
  },
}
