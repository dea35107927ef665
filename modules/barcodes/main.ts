import { randomUUID } from 'node:crypto'
import { Manifest, parse } from '@recyclique/contracts'
import { openConfig, runModule } from '@recyclique/sdk'
import { openFace } from './draw/face.ts'
import manifestJson from './manifest.json' with { type: 'json' }
import { barcodes } from './module.ts'
import { Settings } from './settings.ts'
import { openLabels } from './store.ts'

const manifest = parse(Manifest, manifestJson, 'manifest.json')
const store = openLabels(process.env.RECYCLIQUE_MODULE_DATA || './data/modules/barcodes')

await runModule(barcodes({ manifest, store, config: openConfig(Settings), face: openFace(), newKey: randomUUID }))
