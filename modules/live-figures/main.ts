import { Manifest, parse } from '@recyclique/contracts'
import { runModule } from '@recyclique/sdk'
import manifestJson from './manifest.json' with { type: 'json' }
import { liveFigures } from './module.ts'
import { openFigures } from './store.ts'
import { dayIn } from './today.ts'

const env = process.env
const manifest = parse(Manifest, manifestJson, 'manifest.json')
const store = openFigures(env.RECYCLIQUE_MODULE_DATA || './data/modules/live-figures')
const dayOf = dayIn(env.RECYCLIQUE_TIME_ZONE || 'Europe/Paris')

await runModule(liveFigures({ manifest, store, today: () => dayOf(new Date()) }))
