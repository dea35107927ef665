import { randomUUID } from 'node:crypto'
import { Manifest, parse } from '@recyclique/contracts'
import manifestJson from '../../../modules/paheko/manifest.json' with { type: 'json' }
import { makePaheko } from '../../../modules/paheko/module.ts'
import { QUIET } from '../../../modules/paheko/sync.ts'
import { runModule } from '../../../modules/sdk/index.ts'

// The module's own main, with shorter waits: nothing else differs.
const { module } = makePaheko({
  manifest: parse(Manifest, manifestJson, 'manifest.json'),
  timing: {
    requestMs: 600,
    settleMs: 300,
    confirmMs: 5_000,
    leaseMs: 1_000,
    backoffMs: [100, 200, 400],
    mendMs: 1_000,
    lookMs: 200,
  },
  log: QUIET,
  now: () => new Date(),
  chance: Math.random,
  clock: () => performance.now(),
  holder: randomUUID(),
})

await runModule(module)
