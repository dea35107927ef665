import { LongSlug, Name, Page, PageQuery, RECORDS, type RecordKind, User } from '@recyclique/contracts'
import { type TProperties, type TSchema, Type } from '@sinclair/typebox'
import { changeRecord } from '../centre/change-record.ts'
import { mergeCategory } from '../centre/merge-category.ts'
import { findRecord } from '../centre/records.ts'
import { refuse } from '../errors.ts'
import { act } from './act.ts'
import type { App } from './app.ts'
import { limitOf, pageOf } from './page.ts'
import type { World } from './world.ts'

/** Where each kind of master data stands in the API. */
const PLACES: Record<RecordKind, string> = {
  site: 'sites',
  register: 'registers',
  post: 'posts',
  container: 'containers',
  partner: 'partners',
  'payment-method': 'payment-methods',
  category: 'categories',
  user: 'users',
}

const Id = Type.Object({ id: LongSlug })

/** Master data: read, set up, change, archive (`archived: true`), bring back, merge. Nothing is deleted. */
export const centreRoutes = (app: App, world: World): void => {
  for (const kind of Object.keys(PLACES) as RecordKind[]) recordRoutes(app, world, kind)
  app.post(
    '/v1/categories/:id/merge',
    {
      schema: { tags: ['centre'], params: Id, body: Type.Object({ into: LongSlug }, { additionalProperties: false }) },
    },
    async (request, reply) => {
      const { id } = request.params
      await act(world, request, reply, mergeCategory, { categoryId: id, intoId: request.body.into })
      return findRecord(world.read, 'category', id)
    },
  )
}

const recordRoutes = (app: App, world: World, kind: RecordKind) => {
  const place = `/v1/${PLACES[kind]}`
  const record = RECORDS[kind]
  // The address says which kind it is; the schemas' union would only hide that from the compiler.
  const shown = (kind === 'user' ? Type.Object({ ...User.properties, name: Type.Optional(Name) }) : record) as TSchema

  app.get(
    place,
    { schema: { tags: ['centre'], querystring: PageQuery, response: { 200: Page(shown) } } },
    async ({ query }) => {
      const rows = await world.read.all<{ id: string; data: string; name: string | null }>(
        `SELECT record.id, record.data, personal.text AS name FROM record
       LEFT JOIN personal ON personal.kind = 'name' AND personal.ref = record.kind || '/' || record.id
       WHERE record.kind = ? AND record.id > ? ORDER BY record.id LIMIT ?`,
        kind,
        query.after ?? '',
        limitOf(query) + 1,
      )
      return pageOf(rows, limitOf(query), ({ id }) => id, withName)
    },
  )

  app.get(`${place}/:id`, { schema: { tags: ['centre'], params: Id, response: { 200: shown } } }, async ({ params }) =>
    oneRecord(world, kind, params.id),
  )

  app.put(
    `${place}/:id`,
    { schema: { tags: ['centre'], params: Id, body: bodyOf(kind), response: { 200: shown } } },
    async (request, reply) => {
      const { id } = request.params
      const { name, ...body } = request.body as { name?: string }
      const personName = kind === 'user' ? name : undefined
      const whole = { id, ...(kind === 'user' || name === undefined ? body : { ...body, name }) }
      await act(world, request, reply, changeRecord, { kind, record: whole as never, personName })
      return oneRecord(world, kind, id)
    },
  )
}

/** The record without its id, which stands in the address; a user's name comes beside it and goes to the personal data. */
const bodyOf = (kind: RecordKind) => {
  const {
    id: _,
    mergedInto: __,
    ...properties
  } = RECORDS[kind].properties as TProperties & { mergedInto?: TSchema; id: TSchema }
  return Type.Object(kind === 'user' ? { ...properties, name: Type.Optional(Name) } : properties, {
    additionalProperties: false,
  })
}

const oneRecord = async ({ read }: World, kind: RecordKind, id: string) => {
  const row = await read.one<{ data: string; name: string | null }>(
    `SELECT record.data, personal.text AS name FROM record
     LEFT JOIN personal ON personal.kind = 'name' AND personal.ref = record.kind || '/' || record.id
     WHERE record.kind = ? AND record.id = ?`,
    kind,
    id,
  )
  return row ? withName(row) : refuse('not-found', { what: `${kind} '${id}'` })
}

const withName = ({ data, name }: { data: string; name: string | null }) => ({
  ...(JSON.parse(data) as object),
  ...(name === null ? {} : { name }),
})
