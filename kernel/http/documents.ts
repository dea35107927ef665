import {
  asyncApi,
  HOOKS,
  instanceConfigDocument,
  jsonSchemas,
  moduleFact,
  objectSchemaFrom,
  type Tells,
} from '@recyclique/contracts'
import { Type } from '@sinclair/typebox'
import { refuse } from '../errors.ts'
import type { App } from './app.ts'
import type { World } from './world.ts'

const Named = Type.Object({
  file: Type.String({
    maxLength: 140,
    pattern: '^[a-z0-9.-]+\\.json$',
    description: 'a name such as sale.recorded.json',
  }),
})

const tags = ['documents']

/** The API and the wire for programs: OpenAPI 3.1, AsyncAPI 3, every JSON Schema by its name, and the one of `recyclique.yaml`. */
export const documentRoutes = (app: App, world: World): void => {
  app.get('/v1/docs/openapi.json', { schema: { tags } }, () => app.swagger())

  /** With the hooks and facts of the modules that are in at this moment. */
  app.get('/v1/docs/asyncapi.json', { schema: { tags } }, () => {
    const kernels = new Set(HOOKS.map(({ name }) => name))
    const hooks = world.hooks.book.declared().flatMap(({ spec }) => (kernels.has(spec.name) ? [] : [spec]))
    const facts = world.modules.manifests().flatMap(({ tells = [] }) => tells.map(factOf))
    return asyncApi({ version: world.version, hooks, facts })
  })

  /** Of `recyclique.yaml`, for an editor: the one that fits this version of the program. */
  app.get('/v1/docs/recyclique.schema.json', { schema: { tags } }, () => instanceConfigDocument())

  app.get('/v1/docs/schemas', { schema: { tags } }, () => ({ items: Object.keys(jsonSchemas()).sort() }))

  app.get('/v1/docs/schemas/:file', { schema: { tags, params: Named } }, ({ params: { file } }) => {
    const name = file.replace(/\.json$/, '')
    return jsonSchemas()[name] ?? refuse('not-found', { what: `schema '${name}'` })
  })
}

const factOf = ({ name, version, data }: Tells) => moduleFact({ name, version, data: objectSchemaFrom(data) })
