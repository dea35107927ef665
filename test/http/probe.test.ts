import { pino } from 'pino'
import { test } from 'vitest'
import { openServer } from '../../kernel/http/server.ts'
import type { World } from '../../kernel/http/world.ts'

test('probe', async () => {
  const app = await openServer({
    log: pino({ level: 'silent' }),
    newId: () => 'x',
    version: '1',
    modules: {},
  } as unknown as World)
  await app.ready()
  console.log(app.printRoutes({ commonPrefix: false }))
  console.log(JSON.stringify((app.swagger() as any).paths['/v1/sales'], null, 1).slice(0, 1500))
  await app.close()
}, 60000)
