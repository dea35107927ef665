import { syncBuiltinESMExports } from 'node:module'
import { guardNetwork } from './network.ts'
import { openRefusals } from './refusals.ts'
import { guardSignals } from './signals.ts'
import { guardSqlite } from './sqlite.ts'

/**
 * Loaded into a module's process before any code of the module's. Node itself refuses files, programs, threads and addons that were not
 * granted; here is what Node of this version does not: the network, SQLite's files, signals to others. It also says in the log what was
 * refused, and what to do.
 *
 * It stands in the same process as what it guards: it holds code that goes the ordinary ways, a bug or a library too curious. Code that looks
 * for a way around (through handles of the runtime's own) may find one; against that only a container helps.
 */
const { module, net, listen } = JSON.parse(process.env.RECYCLIQUE_LIMITS ?? '{}') as {
  module: string
  net: readonly string[]
  listen: readonly string[]
}
const refusals = openRefusals(module)
guardNetwork({ net, listen, refuse: refusals.refuse })
guardSqlite(refusals.refuse)
guardSignals(refusals.refuse)
syncBuiltinESMExports()
