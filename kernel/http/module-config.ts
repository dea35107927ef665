import { ModuleName, PatchConfig, PutConfig } from '@recyclique/contracts'
import { Type } from '@sinclair/typebox'
import { actorOf } from './act.ts'
import type { App } from './app.ts'
import type { World } from './world.ts'

const params = Type.Object({ name: ModuleName })
const tags = ['modules']

/** What is set for a module. To set it is the same act however often it comes, so that it needs no key. */
export const moduleConfigRoutes = (app: App, world: World): void => {
  const { configs } = world.modules
  app.get('/v1/modules/:name/config', { schema: { tags, params } }, ({ params }) => configs.view(params.name))

  app.put('/v1/modules/:name/config', { schema: { tags, params, body: PutConfig } }, async (request) =>
    configs.put({ ...saidIn(request), by: await actorOf(world, request) }),
  )

  app.patch('/v1/modules/:name/config', { schema: { tags, params, body: PatchConfig } }, async (request) =>
    configs.patch({ ...saidIn(request), by: await actorOf(world, request) }),
  )
}

const saidIn = ({ params, body }: { params: { name: string }; body: PutConfig }) => ({
  ...{ module: params.name, values: body.config, origin: body.origin ?? 'the API' },
})
