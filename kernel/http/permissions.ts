import { isRight, ModuleName, type PermissionsView, Right, Text } from '@recyclique/contracts'
import { Type } from '@sinclair/typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Refusal, refuse } from '../errors.ts'
import { type PermitModule, permitModule } from '../registry/permit-module.ts'
import { act, actorOf } from './act.ts'
import type { App } from './app.ts'
import type { World } from './world.ts'

const tags = ['modules']
const params = Type.Object({ name: ModuleName })
const closed = { additionalProperties: false }
const Reason = Type.Optional(Text(300, { minLength: 1 }))
const Rights = Type.Array(Right, { minItems: 1, maxItems: 1_000, uniqueItems: true })

/** What each module may, and the operator's word on it; and who may come onto the bus at all. */
export const permissionRoutes = (app: App, world: World): void => {
  const { modules } = world
  app.get('/v1/modules/:name/permissions', { schema: { tags, params } }, ({ params: { name } }) => shown(world, name))

  app.put(
    '/v1/modules/:name/grants',
    {
      schema: {
        tags,
        params,
        body: Type.Union([
          Type.Object({ rights: Rights, reason: Reason }, closed),
          Type.Object({ all: Type.Literal(true), reason: Reason }, closed),
        ]),
      },
    },
    async (request, reply) => {
      const { name } = request.params
      const { reason, ...wanted } = request.body
      const rights = 'all' in wanted ? everything(shown(world, name)) : wanted.rights
      refuseUnasked(modules.permissions(name), rights)
      await carryOut(world, request, reply, { module: name, decision: 'granted', rights, ...withReason(reason) })
      return modules.permissions(name)
    },
  )

  app.delete(
    '/v1/modules/:name/grants',
    { schema: { tags, params, body: Type.Object({ rights: Rights, reason: Reason }, closed) } },
    async (request, reply) => {
      const { name } = request.params
      const { rights, reason } = request.body
      refuseUnasked(modules.permissions(name), rights)
      await carryOut(world, request, reply, { module: name, decision: 'withheld', rights, ...withReason(reason) })
      return modules.permissions(name)
    },
  )

  app.put('/v1/modules/:name/account', { schema: { tags, params } }, async (request) => {
    await actorOf(world, request)
    const { name } = request.params
    if (modules.permissions(name).blocked) refuse('module-blocked', { module: name })
    return { name, onTheBus: await modules.admit(name) }
  })

  app.delete('/v1/modules/:name/account', { schema: { tags, params } }, async (request, reply) => {
    const { name } = request.params
    await act(world, request, reply, permitModule, { module: name, decision: 'forgotten', rights: [] })
    await modules.remove(name)
    return { name, onTheBus: false }
  })
}

const withReason = (reason: string | undefined) => (reason === undefined ? {} : { reason })

const carryOut = async (world: World, request: FastifyRequest, reply: FastifyReply, body: PermitModule) => {
  await act(world, request, reply, permitModule, body)
  await world.modules.ordered(body.module)
}

/** Refuses a name that nobody knows. */
const shown = ({ modules }: World, name: string): PermissionsView => {
  const view = modules.permissions(name)
  const isKnown = view.rights.length > 0 || modules.states().some((one) => one.name === name)
  return isKnown ? view : refuse('module-unknown', { module: name })
}

const everything = ({ rights }: PermissionsView) => rights.filter(({ isAsked }) => isAsked).map(({ right }) => right)

/** A slip of the pen is not kept. A module that has not come yet may be granted ahead whatever there is. */
const refuseUnasked = ({ module, rights }: PermissionsView, named: readonly string[]): void => {
  const known = rights.map(({ right }) => right)
  const wrong = named.find((right) => (known.length > 0 ? !known.includes(right) : !isRight(right)))
  if (wrong === undefined) return
  const asked = known.length > 0 ? known.join(', ') : 'nothing yet'
  throw new Refusal('right-not-asked', { module, right: wrong, asked }, { field: '/rights' })
}
