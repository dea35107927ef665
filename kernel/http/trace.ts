import { TraceWish } from '@recyclique/contracts'
import { actorOf } from './act.ts'
import type { App } from './app.ts'
import type { World } from './world.ts'

const tags = ['modules']

/** The switch that has the running kernel write its calls to its log. A start of the kernel finds it off. */
export const traceRoutes = (app: App, world: World): void => {
  const { trace, log, hooks } = world
  app.get('/v1/trace', { schema: { tags } }, () => trace.view())

  app.put('/v1/trace', { schema: { tags, body: TraceWish } }, async (request) => {
    const actor = await actorOf(world, request)
    const unknown = (request.body.hooks ?? []).filter((hook) => !hooks.book.specOf(hook))
    const view = trace.on(request.body)
    log.warn({ actor, ...view }, 'calls are written to the log from now on')
    return { ...view, ...(unknown.length === 0 ? {} : { unknown }) }
  })

  app.delete('/v1/trace', { schema: { tags } }, async (request) => {
    const actor = await actorOf(world, request)
    log.warn({ actor }, 'calls are no longer written to the log')
    return trace.off()
  })
}
