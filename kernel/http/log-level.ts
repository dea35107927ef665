import { ModuleName, SetLogLevel } from '@recyclique/contracts'
import { Type } from '@sinclair/typebox'
import { actorOf } from './act.ts'
import type { App } from './app.ts'
import type { World } from './world.ts'

const tags = ['health']

/** How much the kernel and the modules write into their logs, until they are started again. */
export const logLevelRoutes = (app: App, world: World): void => {
  app.get('/v1/log-level', { schema: { tags } }, () => ({ level: world.log.level }))

  app.put('/v1/log-level', { schema: { tags, body: SetLogLevel } }, async (request) => {
    const by = await actorOf(world, request)
    const { level } = request.body
    world.log.warn(
      { from: world.log.level, to: level, by },
      'another log level holds from now on, until the next start',
    )
    world.log.level = level
    return { level }
  })

  app.put(
    '/v1/modules/:name/log-level',
    { schema: { tags, params: Type.Object({ name: ModuleName }), body: SetLogLevel } },
    async (request) => {
      await actorOf(world, request)
      return world.modules.setLogLevel(request.params.name, request.body.level)
    },
  )
}
