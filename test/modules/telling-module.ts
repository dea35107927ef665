// A module of the tests in a process of its own: tells so many facts, four at a time, each under a key, and says where each stands.
import { defineModule, runModule } from '@recyclique/sdk'

const HOW_MANY = Number(process.env.HOW_MANY)

const module = defineModule({
  name: 'labels',
  version: '1.0.0',
  description: 'Tells.',
  kernel: '^0.1.0',
  protocol: { min: 1, max: 1 },
  tells: [
    {
      name: 'labels.printed',
      version: 1,
      data: { type: 'object', properties: { label: { type: 'integer' } }, required: ['label'] },
    },
  ],
})

const labels = Array.from({ length: HOW_MANY }, (_, n) => n + 1).values()
const printer = async () => {
  for (const label of labels) {
    const { position, seq } = await module.tell('labels.printed', { label }, { key: `label-${label}` })
    console.log(`told ${label} ${position} ${seq}`)
  }
}
void Promise.all([printer(), printer(), printer(), printer()]).then(() => console.log('all told'))

await runModule(module)
