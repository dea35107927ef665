import type { App } from './app.ts'
import type { World } from './world.ts'

/** Is it alive, can it work, how does it do. The till sells while the bus is away: that is *degraded*, not down. */
export const healthRoutes = (app: App, world: World): void => {
  app.get('/healthz', { schema: { tags: ['health'] } }, () => ({ status: 'ok', version: world.version }))

  app.get('/readyz', { schema: { tags: ['health'] } }, () => {
    const reasons = world.degradedBy().map(({ words }) => words)
    return {
      status: reasons.length === 0 ? 'ready' : 'degraded',
      reasons,
      site: world.site,
      ledger: world.ledger.head,
      relay: world.relay(),
    }
  })

  app.get('/metrics', { schema: { tags: ['health'] } }, async (_, reply) =>
    reply.type(world.metrics.contentType).send(await world.metrics.text()),
  )
}
