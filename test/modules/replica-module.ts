// A replica of a module of the tests, in a process of its own. Its effects stand in a store that the replicas share. `HOLD_AT` counts the
// facts that it takes: at that one it stays in the middle, before or behind its effect, until it is killed.
import { join } from 'node:path'
import { CashVarianceFlagged } from '@recyclique/contracts'
import { defineModule, openOnceStore, runModule } from '@recyclique/sdk'

const { HOLD_AT, HOLD, ORDER, FROM, RECYCLIQUE_MODULE_DATA = '', RECYCLIQUE_INSTANCE } = process.env
const isOrdered = ORDER !== 'none'
const SCHEMA = 'CREATE TABLE IF NOT EXISTS effect (nr INTEGER PRIMARY KEY, position INTEGER NOT NULL, by TEXT NOT NULL)'
const INSERT = 'INSERT INTO effect (position, by) VALUES (?, ?)'

const store = openOnceStore(join(RECYCLIQUE_MODULE_DATA, 'effects.sqlite'), SCHEMA)
const stay = () => new Promise<never>(() => {})
let taken = 0

const module = defineModule({
  name: 'stock',
  version: '1.0.0',
  description: 'Keeps what it hears.',
  kernel: '^0.1.0',
  protocol: { min: 1, max: 1 },
  hears: ['cash.variance.flagged'],
  hearsFrom: FROM === 'now' ? 'now' : 'start',
  order: isOrdered ? 'strict' : 'none',
}).hear(CashVarianceFlagged, async ({ position }, { once }) => {
  taken += 1
  const isHeld = taken === Number(HOLD_AT)
  console.log(`took ${position}`)
  if (isHeld && HOLD === 'before') {
    console.log(`held ${position}`)
    await stay()
  }
  if (isOrdered) once((db) => db.prepare(INSERT).run(position, RECYCLIQUE_INSTANCE ?? ''))
  else store.db.prepare(INSERT).run(position, RECYCLIQUE_INSTANCE ?? '')
  if (isHeld) {
    console.log(`held ${position}`)
    await stay()
  }
})

await runModule(isOrdered ? module.keepIn(store) : module)
