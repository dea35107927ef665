import { randomUUID } from 'node:crypto'
import { Manifest, parse } from '@recyclique/contracts'
import { runModule } from '@recyclique/sdk'
import manifestJson from './manifest.json' with { type: 'json' }
import { makePaheko } from './module.ts'
import { QUIET } from './sync.ts'
import { TIMING } from './timing.ts'

const { module } = makePaheko({
  manifest: parse(Manifest, manifestJson, 'manifest.json'),
  timing: TIMING,
  log: QUIET,
  now: () => new Date(),
  chance: Math.random,
  clock: () => performance.now(),
  holder: randomUUID(),
})

await runModule(module)
