// A module of the tests in a process of its own: it takes a fact, says so, and finishes once a line comes on its standard input.
import { once } from 'node:events'
import { SaleRecorded } from '@recyclique/contracts'
import { defineModule, runModule } from '@recyclique/sdk'

const module = defineModule({
  name: 'stock',
  version: '1.0.0',
  description: 'Holds its facts.',
  kernel: '^0.1.0',
  protocol: { min: 1, max: 1 },
  hears: ['sale.recorded'],
  hearsFrom: 'start',
}).hear(SaleRecorded, async ({ position }) => {
  console.log(`took ${position}`)
  await once(process.stdin, 'data')
  console.log(`done ${position}`)
})

await runModule(module)
