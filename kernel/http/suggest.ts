import {
  CategoryQuery,
  CategorySuggest,
  CodeAddress,
  CodeQuery,
  CodeResolve,
  type HookSpec,
  PriceQuery,
  PriceSuggest,
  type RecordKind,
} from '@recyclique/contracts'
import { findRecord } from '../centre/records.ts'
import { refuse } from '../errors.ts'
import type { Provenance } from '../hooks/run.ts'
import type { App } from './app.ts'
import { type Asked, askModules } from './ask-modules.ts'
import type { World } from './world.ts'

const tags = ['suggestions']

/**
 * Asked while a ticket is written, never when it is paid: a suggestion binds nobody. Within the hook's deadline there is always an
 * answer, and it may be null: nobody knows, nobody is there, or nobody said anything in time (then `skipped` names them).
 */
export const suggestionRoutes = (app: App, world: World): void => {
  app.get('/v1/suggestions/price', { schema: { tags, querystring: PriceQuery } }, async ({ query }, reply) => {
    await known(world, 'register', query.registerId)
    await known(world, 'category', query.categoryId)
    return suggestionOf(await askModules(world, reply, PriceSuggest, query))
  })

  app.get('/v1/suggestions/category', { schema: { tags, querystring: CategoryQuery } }, async ({ query }, reply) =>
    suggestionOf(await askModules(world, reply, CategorySuggest, query)),
  )

  app.get(
    '/v1/codes/:code',
    { schema: { tags, params: CodeAddress, querystring: CodeQuery } },
    async ({ params, query }, reply) => {
      await known(world, 'register', query.registerId)
      return suggestionOf(await askModules(world, reply, CodeResolve, { ...query, ...params }))
    },
  )
}

const known = async ({ read }: World, kind: RecordKind, id: string): Promise<void> => {
  if (!(await findRecord(read, kind, id))) refuse('not-found', { what: `${kind} ${id}` })
}

/** Null in `from` beside an answer: a wrapper gave it, and no module's own answer stands behind it. */
const suggestionOf = <H extends HookSpec>({ result, answers: [first], skipped }: Asked<H>) => ({
  answer: result,
  from: first && result !== null ? sourceOf(first) : null,
  skipped,
})

const sourceOf = ({ module, version, ms }: Provenance) => ({ module, version, ms })
