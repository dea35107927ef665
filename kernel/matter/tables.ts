import type { Tables } from '../store/table.ts'

/**
 * Everything that moved, one row a line: matter with its sign (in is positive, out is negative) and, for what left through the
 * till, its price. Append-only in effect: a correction is a reversing row and a new one. Training is not in it, so that no total
 * can count it.
 *
 * `flow`: `deposit`, `sale`, `refund`, `void` or an exit's kind; a correcting row bears the flow and the business date of the line
 * that it corrects. `place` is a register, a post or `exits`. Written by `movement` alone, so that both tables say the same.
 */
export const movementTable: Tables = {
  movement: {
    keep: 'state',
    columns: {
      position: 'int',
      n: 'int',
      flow: 'text',
      category_id: 'text',
      category_name: 'text',
      qty: 'int',
      grams: 'int',
      cents: 'int',
      business_date: 'text',
      place: 'text',
      source_id: 'text',
      line: 'int',
    },
    key: ['position', 'n'],
    index: [['business_date']],
  },
  // The same, summed: an opening balance over years is one walk over days instead of lines. The name is the last line's.
  flow_day: {
    keep: 'state',
    columns: {
      business_date: 'text',
      category_id: 'text',
      flow: 'text',
      qty: 'int',
      grams: 'int',
      cents: 'int',
      category_name: 'text',
      last_position: 'int',
    },
    key: ['business_date', 'category_id', 'flow'],
  },
}

/** Deposits, exits and their lines. A line's row is what the line says now: its earlier values stand in the ledger. */
export const matterTables: Tables = {
  ...movementTable,
  deposit: {
    keep: 'state',
    columns: {
      id: 'text',
      status: 'text',
      post_id: 'text',
      origin: 'text',
      partner_id: 'text?',
      locality: 'text?',
      volunteer_id: 'text?',
      mode: 'text',
      business_date: 'text',
      opened_position: 'int',
      opened_at: 'text',
      closed_at: 'text?',
    },
    key: ['id'],
    unique: [{ columns: ['opened_position'] }],
    index: [['post_id', 'status'], ['business_date']],
  },
  exit_note: {
    keep: 'state',
    columns: {
      id: 'text',
      kind: 'text',
      partner_id: 'text?',
      reference: 'text?',
      is_ultimate: 'int?',
      mode: 'text',
      business_date: 'text',
      position: 'int',
      recorded_at: 'text',
    },
    key: ['id'],
    unique: [{ columns: ['position'] }],
    index: [['business_date']],
  },
  matter_line: {
    keep: 'state',
    columns: {
      source_id: 'text',
      line: 'int',
      id: 'text',
      business_date: 'text',
      category_id: 'text',
      category_name: 'text',
      gross_grams: 'int',
      container_id: 'text?',
      tare_grams: 'int',
      net_grams: 'int',
      qty: 'int?',
      is_confirmed: 'int?',
      method: 'text?',
      destination: 'text?',
      is_struck: 'int',
      revision: 'int',
    },
    key: ['source_id', 'line'],
  },
  // Where the corrections of a deposit or an exit stand in the ledger.
  matter_correction: {
    keep: 'state',
    columns: { source_id: 'text', position: 'int' },
    key: ['source_id', 'position'],
  },
}
