import { ModuleName, type ModuleOrdered, modulesOwnHeaders, OneOf, Text, VersionRange } from '@recyclique/contracts'
import { Type } from '@sinclair/typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { refuse } from '../errors.ts'
import { orderModule } from '../registry/order-module.ts'
import { act } from './act.ts'
import type { App } from './app.ts'
import { pageRoutes, sendPage } from './pages.ts'
import type { World } from './world.ts'

const Name = Type.Object({ name: ModuleName })
const closed = { additionalProperties: false }
const Reason = Type.Optional(Text(300, { minLength: 1 }))

/** Who is there, what the operator wants of them, and `/m/<module>/…`, which is handed on to the module itself. */
export const moduleRoutes = (app: App, world: World): void => {
  const { modules } = world
  pageRoutes(app, world)
  app.get('/v1/modules', { schema: { tags: ['modules'] } }, async () => ({ items: await modules.list() }))

  app.get('/v1/modules/:name', { schema: { tags: ['modules'], params: Name } }, ({ params }) =>
    shown(world, params.name),
  )

  app.put(
    '/v1/modules/:name/desired-state',
    {
      schema: {
        tags: ['modules'],
        params: Name,
        body: Type.Object({ state: OneOf('enabled', 'disabled'), reason: Reason }, closed),
      },
    },
    async (request, reply) => {
      const { state, reason } = request.body
      const order = state === 'enabled' ? 'enable' : 'disable'
      await carryOut(world, request, reply, { module: request.params.name, order, ...withReason(reason) })
      return { name: request.params.name, desired: state }
    },
  )

  app.post(
    '/v1/modules/:name/block',
    {
      schema: {
        tags: ['modules'],
        params: Name,
        body: Type.Object({ reason: Reason, versions: Type.Optional(VersionRange) }, closed),
      },
    },
    async (request, reply) => {
      const { name } = request.params
      const { reason, versions } = request.body
      const order = { module: name, order: 'block' as const, ...withVersions(versions), ...withReason(reason) }
      await carryOut(world, request, reply, order)
      return { name, blocked: true, ...withVersions(versions) }
    },
  )

  /** The name, and with it all of its versions. */
  app.post('/v1/modules/:name/unblock', { schema: { tags: ['modules'], params: Name } }, async (request, reply) => {
    const { name } = request.params
    await carryOut(world, request, reply, { module: name, order: 'unblock' })
    return { name, blocked: false }
  })

  app.delete(
    '/v1/modules/:name/block',
    { schema: { tags: ['modules'], params: Name, body: Type.Object({ versions: VersionRange }, closed) } },
    async (request, reply) => {
      const { name } = request.params
      const { versions } = request.body
      await carryOut(world, request, reply, { module: name, order: 'unblock', versions })
      return { name, versions, blocked: false }
    },
  )

  app.register(async (handedOn) => {
    // A module reads its bodies itself: here they stay bytes.
    handedOn.removeAllContentTypeParsers()
    handedOn.addContentTypeParser('*', { parseAs: 'buffer' }, (_, body, done) => done(null, body))
    handedOn.route({
      method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
      url: '/m/:module/*',
      schema: { hide: true },
      handler: (request, reply) => handOn(world, request, reply),
    })
    handedOn.get('/m/:module', { schema: { hide: true } }, (request, reply) =>
      reply.redirect(`/m/${encodeURIComponent((request.params as { module: string }).module)}/`),
    )
  })
}

const withVersions = (versions: string | undefined) => (versions === undefined ? {} : { versions })

const withReason = (reason: string | undefined) => (reason === undefined ? {} : { reason })

/** Kept first, then done. The answer is the same on a retry, whatever the module did meanwhile. */
const carryOut = async (world: World, request: FastifyRequest, reply: FastifyReply, order: ModuleOrdered) => {
  await act(world, request, reply, orderModule, order)
  await world.modules.ordered(order.module)
}

const shown = async ({ modules }: World, name: string) =>
  (await modules.view(name)) ?? refuse('module-unknown', { module: name })

const handOn = async (world: World, request: FastifyRequest, reply: FastifyReply) => {
  const { module = '', '*': rest = '' } = request.params as Record<string, string>
  const page = await sendPage(world, { request, reply, module, path: rest })
  if (page) return page
  const { status, headers, body, bytes } = await world.modules.openHttp(module, {
    method: request.method,
    path: `/${rest}`,
    query: singles(request.query as Record<string, unknown>),
    headers: singles(request.headers, ({ length }) => length <= 2000),
    ...(Buffer.isBuffer(request.body) ? { body: request.body.toString('base64') } : {}),
  })
  reply.code(status).headers(modulesOwnHeaders(headers))
  // A reader that knows the length sees where an answer broke off, whatever stands between him and us.
  if (bytes !== undefined && !Buffer.isBuffer(body)) reply.header('content-length', bytes)
  return reply.send(body)
}

const singles = (
  from: Record<string, unknown>,
  keeps: (text: string) => boolean = () => true,
): Record<string, string> =>
  Object.fromEntries(
    Object.entries(from).filter((entry): entry is [string, string] => typeof entry[1] === 'string' && keeps(entry[1])),
  )
