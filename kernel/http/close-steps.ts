import { type AnswerOf, CloseSteps, Uuid } from '@recyclique/contracts'
import { Type } from '@sinclair/typebox'
import { expectedBy } from '../cash/close-session.ts'
import { findSession } from '../cash/session.ts'
import { sessionTotals } from '../cash/session-totals.ts'
import { allRecords } from '../centre/records.ts'
import { refuse } from '../errors.ts'
import type { App } from './app.ts'
import { askModules } from './ask-modules.ts'
import { type Told, withModule } from './with-module.ts'
import type { World } from './world.ts'

const schema = { tags: ['cash'], params: Type.Object({ id: Uuid }) }

/** What the closing screen shows before the count is sent: the steps of the modules, in their order. */
export const closeStepRoutes = (app: App, world: World): void => {
  app.get('/v1/cash-sessions/:id/close-steps', { schema }, async ({ params }, reply) => {
    const asked = await askModules(world, reply, CloseSteps, await closing(world, params.id))
    return { items: withModule(asked).map(stepOf), skipped: asked.skipped }
  })
}

/** The drawer that is to be closed, and the methods that the ledger expects money of. */
const closing = async ({ read }: World, id: string) => {
  const session = (await findSession(read, id)) ?? refuse('not-found', { what: `cash session ${id}` })
  if (!session.isOpen) refuse('session-closed')
  const expected = expectedBy(session, await allRecords(read, 'payment-method'), await sessionTotals(read, id))
  const { registerId, mode } = session
  return { sessionId: id, registerId, mode, methodIds: [...expected.keys()].sort() }
}

/** A page stands below its module; without a module there is nowhere to go. */
const stepOf = ({ answer: { page, ...step }, module }: Told<AnswerOf<typeof CloseSteps>>) => ({
  ...(module === undefined ? {} : { module }),
  ...step,
  ...(page === undefined || module === undefined ? {} : { page: `/m/${module}${page}` }),
})
