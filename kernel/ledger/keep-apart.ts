import type { Change } from '../store/table.ts'
import type { Rule } from './rule.ts'

/** Changes of tables that stand apart from the ledger (positions of modules, dead letters): no fact, but the one write connection. */
export const keepApart: Rule<{ readonly changes: readonly Change[] }, undefined> = {
  load: async () => undefined,
  decide: (_, { body }) => ({ facts: [], apart: body.changes }),
}
