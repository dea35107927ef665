import type { Tables } from '../store/table.ts'

/**
 * `durable`: the position up to which a module has acknowledged everything, for the modules that keep none of their own; a durable
 * that is lost with the bus begins again there. `dead_letter`: the facts that a module could not take, and what became of them. `fatal_fact`: with
 * which fact in hand a module's processes ended last, and how often. `module_config`: what is set by hand for a
 * module, and who said so where; `module_wanted`: what the installation's list says of it. `page_bundle`: which pages a module shows, and by their hash the files of
 * these, and those before. `hook_call`: the questions that are
 * kept for those who come later; `hook_served`: how far a module has come with those that are told once per module, and in the row `*`
 * the last number that was given. None of these follows from the ledger.
 *
 * `module`: where each module stands, and its age. `module_order`: what the operator wants: a row where it is to rest (`disable`) or its
 * name is forbidden (`block`). `module_versions`: which versions of it are forbidden. `module_mark`: who must be there for a hook, and who may be away. `module_permitted`: about whose rights
 * somebody decided; `module_right`: what was decided, right by right. These follow from the ledger.
 */
export const registryTables: Tables = {
  durable: { keep: 'apart', columns: { module: 'text', position: 'int' }, key: ['module'] },
  dead_letter: {
    keep: 'apart',
    columns: {
      ...{
        module: 'text',
        position: 'int',
        instance: 'text',
        error: 'text',
        stack: 'text?',
        attempts: 'int',
        at: 'text',
      },
      ...{ state: 'text', decided_at: 'text?', decided_by: 'text?', reason: 'text?' },
    },
    key: ['module', 'position'],
    since: { state: 'dead' },
  },
  fatal_fact: {
    keep: 'apart',
    columns: { module: 'text', position: 'int', floor: 'int', deaths: 'int' },
    key: ['module'],
  },
  hook_call: { keep: 'apart', columns: { seq: 'int', hook: 'text', args: 'text', at: 'int' }, key: ['seq'] },
  hook_served: { keep: 'apart', columns: { module: 'text', seq: 'int' }, key: ['module'] },
  module_config: {
    keep: 'apart',
    columns: { module: 'text', setting: 'text', value: 'text', origin: 'text', set_by: 'text', set_at: 'text' },
    key: ['module', 'setting'],
  },
  module_wanted: {
    keep: 'apart',
    columns: { module: 'text', enabled: 'int', config: 'text', origin: 'text', set_by: 'text', set_at: 'text' },
    key: ['module'],
  },
  page_bundle: {
    keep: 'apart',
    columns: { module: 'text', version: 'text', pages: 'text', bundle: 'text?', previous: 'text?' },
    key: ['module'],
  },
  module: {
    keep: 'state',
    columns: {
      name: 'text',
      rank: 'int?',
      version: 'text',
      state: 'text',
      reason: 'text',
      since: 'text',
    },
    key: ['name'],
  },
  module_order: {
    keep: 'state',
    columns: { module: 'text', wish: 'text', reason: 'text', since: 'text' },
    key: ['module', 'wish'],
  },
  module_versions: {
    keep: 'state',
    columns: { module: 'text', versions: 'text', reason: 'text', since: 'text', actor: 'text' },
    key: ['module', 'versions'],
  },
  module_permitted: { keep: 'state', columns: { module: 'text', since: 'text', actor: 'text' }, key: ['module'] },
  module_right: {
    keep: 'state',
    columns: { module: 'text', name: 'text', decision: 'text', since: 'text', actor: 'text', reason: 'text' },
    key: ['module', 'name'],
  },
  module_mark: { keep: 'state', columns: { hook: 'text', module: 'text', need: 'text' }, key: ['hook', 'module'] },
}
