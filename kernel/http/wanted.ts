import { WantedModules } from '@recyclique/contracts'
import { actorOf } from './act.ts'
import type { App } from './app.ts'
import type { World } from './world.ts'

/** The installation's list. To hand it over is the same act however often it comes, so that it needs no key. */
export const wantedRoutes = (app: App, world: World): void => {
  app.put('/v1/wanted-modules', { schema: { tags: ['modules'], body: WantedModules } }, async (request) => {
    const { items, dryRun: isDryRun = false } = request.body
    const by = await actorOf(world, request)
    return { items: await world.modules.wanted.take({ items, by, isDryRun }) }
  })
}
