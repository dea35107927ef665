import type { Tables } from '../store/table.ts'

/**
 * `durable`: the position up to which a module has acknowledged everything, for the modules that keep none of their own; a durable
 * that is lost with the bus begins again there. `dead_letter`: the facts that a module could not take. Neither follows from the ledger.
 */
export const registryTables: Tables = {
  durable: { keep: 'apart', columns: { module: 'text', position: 'int' }, key: ['module'] },
  dead_letter: {
    keep: 'apart',
    columns: { module: 'text', position: 'int', instance: 'text', error: 'text', attempts: 'int', at: 'text' },
    key: ['module', 'position'],
  },
}
