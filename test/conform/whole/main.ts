import { join } from 'node:path'
import { CategoryChanged, Manifest, parse } from '@recyclique/contracts'
import { defineModule, NotGranted, openConfig, runModule } from '@recyclique/sdk'
import { Type } from '@sinclair/typebox'
import manifestJson from './manifest.json' with { type: 'json' }

/** Has one of everything, so that every case can be seen to pass. Written with the SDK, as most modules are. */
const config = openConfig(
  Type.Object({
    mostNames: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
    token: Type.Optional(Type.String({ secret: true })),
  }),
)
const begun = defineModule(parse(Manifest, manifestJson, 'manifest.json'))
const { kv, schedule, api } = begun

/** Counts under one key, which its sisters and its own handlers change as well. */
const count = async (): Promise<number> => {
  for (;;) {
    const found = await kv.get<number>('count')
    try {
      return await kv.put('count', (found?.value ?? 0) + 1, { revision: found?.revision ?? 0 })
    } catch (error) {
      if (!(error instanceof NotGranted && error.code === 'conflict')) throw error
    }
  }
}

await runModule(
  begun
    .configure(config)
    .pages(join(import.meta.dirname, 'pages'))
    .hear(CategoryChanged, async ({ data }) => {
      await kv.put(`heard/${data.id}`, data.shortName)
    })
    .command('rename', async ({ id = '', to = 'livres' }) => {
      await kv.put(`name/${encodeURIComponent(id).replaceAll('%', '_')}`, to)
      await count()
      await schedule.at('remind', new Date(Date.now() + 3_600_000), { id: 'remind', data: { id } })
      return `« ${id} » s’appelle maintenant « ${to} ».`
    })
    .tool('find', async ({ id }: { id: string }) => {
      const { status, body } = await api('GET', `/v1/categories/${encodeURIComponent(id).replaceAll('%', '')}`)
      return { status, body, mostNames: config.current.mostNames }
    })
    .job('tidy', async () => {
      await kv.remove('heard/gone')
    })
    .job('remind', async () => {}),
)
