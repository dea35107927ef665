import { ModuleName, OneOf, PageQuery, Text } from '@recyclique/contracts'
import { Type } from '@sinclair/typebox'
import { refuse } from '../errors.ts'
import { actorOf } from './act.ts'
import type { App } from './app.ts'
import { limitOf, pageOf } from './page.ts'
import type { World } from './world.ts'

const Letter = Type.Object({ module: ModuleName, position: Type.Integer({ minimum: 1 }) })
const Letters = Type.Object({
  ...PageQuery.properties,
  module: Type.Optional(ModuleName),
  state: Type.Optional(OneOf('dead', 'retried', 'discarded', 'all')),
})
const Discard = Type.Object({ reason: Text(300, { minLength: 1 }) }, { additionalProperties: false })
const tags = ['modules']

/**
 * The facts that modules could not take. An act here is the same however often it comes (a fact that was taken is not given out again), so that it
 * needs no key.
 */
export const deadLetterRoutes = (app: App, world: World): void => {
  const { deadLetters } = world.modules
  app.get('/v1/dead-letters', { schema: { tags, querystring: Letters } }, async ({ query }) => {
    const { module, state = 'dead' } = query
    const letters = await deadLetters.list({
      module,
      state: state === 'all' ? undefined : state,
      after: query.after === undefined ? undefined : placeOf(query.after),
      limit: limitOf(query) + 1,
    })
    return pageOf(letters, limitOf(query), cursorOf, (letter) => letter)
  })

  app.get('/v1/dead-letters/:module/:position', { schema: { tags, params: Letter } }, ({ params }) =>
    deadLetters.one(params.module, params.position),
  )

  app.post('/v1/dead-letters/:module/:position/retry', { schema: { tags, params: Letter } }, async (request) =>
    deadLetters.retry({ ...request.params, actor: await actorOf(world, request) }),
  )

  app.post(
    '/v1/dead-letters/:module/:position/discard',
    { schema: { tags, params: Letter, body: Discard } },
    async (request) =>
      deadLetters.discard({ ...request.params, actor: await actorOf(world, request) }, request.body.reason),
  )
}

const cursorOf = ({ module, position }: { module: string; position: number }) => `${module}~${position}`

const placeOf = (after: string) => {
  const [, module, position] = /^([a-z0-9-]{1,24})~(\d{1,15})$/.exec(after) ?? []
  if (module === undefined) return refuse('request-invalid', { why: '`after` is not the `next` of a page' }, '/after')
  return { module, position: Number(position) }
}
