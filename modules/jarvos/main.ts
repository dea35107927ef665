import { Manifest, parse } from '@recyclique/contracts'
import { runModule } from '@recyclique/sdk'
import manifestJson from './manifest.json' with { type: 'json' }
import { jarvos } from './module.ts'

await runModule(jarvos(parse(Manifest, manifestJson, 'manifest.json')))
