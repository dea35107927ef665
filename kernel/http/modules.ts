import { LongSlug } from '@recyclique/contracts'
import { Type } from '@sinclair/typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { refuse } from '../errors.ts'
import type { App } from './app.ts'
import type { World } from './world.ts'

const Name = Type.Object({ name: LongSlug })

/** Who is there, and `/m/<module>/…`, which is handed on to the module itself. */
export const moduleRoutes = (app: App, { modules }: World): void => {
  app.get('/v1/modules', { schema: { tags: ['modules'] } }, async () => ({ items: await modules.list() }))

  app.get('/v1/modules/:name', { schema: { tags: ['modules'], params: Name } }, async ({ params }) => {
    const found = (await modules.list()).find(({ name }) => name === params.name)
    return found ?? refuse('module-unknown', { module: params.name })
  })

  app.register(async (handedOn) => {
    // A module reads its bodies itself: here they stay bytes.
    handedOn.removeAllContentTypeParsers()
    handedOn.addContentTypeParser('*', { parseAs: 'buffer' }, (_, body, done) => done(null, body))
    handedOn.route({
      method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
      url: '/m/:module/*',
      schema: { hide: true },
      handler: (request, reply) => handOn(modules, request, reply),
    })
    handedOn.get('/m/:module', { schema: { hide: true } }, (request, reply) =>
      reply.redirect(`/m/${encodeURIComponent((request.params as { module: string }).module)}/`),
    )
  })
}

const handOn = async (modules: World['modules'], request: FastifyRequest, reply: FastifyReply) => {
  const { module = '', '*': rest = '' } = request.params as Record<string, string>
  const answer = await modules.callHttp(module, {
    method: request.method,
    path: `/${rest}`,
    query: singles(request.query as Record<string, unknown>),
    headers: singles(request.headers, ({ length }) => length <= 2000),
    ...(Buffer.isBuffer(request.body) ? { body: request.body.toString('base64') } : {}),
  })
  return reply.code(answer.status).headers(safe(answer.headers)).send(Buffer.from(answer.body, 'base64'))
}

const singles = (
  from: Record<string, unknown>,
  keeps: (text: string) => boolean = () => true,
): Record<string, string> =>
  Object.fromEntries(
    Object.entries(from).filter((entry): entry is [string, string] => typeof entry[1] === 'string' && keeps(entry[1])),
  )

/** What a module may say about its answer; how it travels is the kernel's own business. */
const OWN = new Set(['connection', 'transfer-encoding', 'content-length', 'set-cookie', 'keep-alive', 'upgrade'])

const safe = (headers: Record<string, string>) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !OWN.has(name.toLowerCase())))
