import { MarkedHook, ModuleName, OneOf } from '@recyclique/contracts'
import { Type } from '@sinclair/typebox'
import { refuse } from '../errors.ts'
import { orderModule } from '../registry/order-module.ts'
import { act } from './act.ts'
import type { App } from './app.ts'
import { hookLine, planView } from './hook-view.ts'
import type { World } from './world.ts'

const Named = Type.Object({
  name: Type.String({ maxLength: 128, pattern: '^[a-z0-9.-]+$', description: "a hook's name" }),
})

const ORDER = { required: 'require', optional: 'excuse', policy: 'release' } as const

/** Every question that is asked here, who answers it and in which order, and whom the operator marks as needed. */
export const hookRoutes = (app: App, world: World): void => {
  app.get('/v1/hooks', { schema: { tags: ['modules'] } }, () => {
    const { book } = world.hooks
    const lines = book.declared().map(({ spec, owner }) => hookLine(spec, owner, book.plan(spec.name)))
    return { items: lines.sort((a, b) => (a.name < b.name ? -1 : 1)) }
  })

  app.get('/v1/hooks/:name/plan', { schema: { tags: ['modules'], params: Named } }, async ({ params: { name } }) => {
    const { book } = world.hooks
    const found = book.declared().find(({ spec }) => spec.name === name)
    const plan = book.plan(name)
    if (!found || !plan) return refuse('not-found', { what: `hook '${name.slice(0, 128)}'` })
    return planView(found.spec, found.owner, plan, await world.modules.list())
  })

  app.put(
    '/v1/hooks/:name/marks/:module',
    {
      schema: {
        tags: ['modules'],
        params: Type.Object({ name: MarkedHook, module: ModuleName }),
        body: Type.Object({ need: OneOf('required', 'optional', 'policy') }, { additionalProperties: false }),
      },
    },
    async (request, reply) => {
      const { name: hook, module } = request.params
      await act(world, request, reply, orderModule, { module, hook, order: ORDER[request.body.need] })
      await world.modules.ordered(module)
      return { items: world.modules.marks().filter((mark) => mark.hook === hook) }
    },
  )
}
