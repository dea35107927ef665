import {
  CorrectExitLineBody,
  CorrectWeighingBody,
  type DepositClosed,
  type DepositOpened,
  DepositsQuery,
  type ExitRecorded,
  ExitsQuery,
  type KeptFact,
  type MatterCorrected,
  type MatterLogged,
  MovementsQuery,
  OpenDepositBody,
  PeriodQuery,
  RecordExitBody,
  Uuid,
  WeighBody,
} from '@recyclique/contracts'
import { Type } from '@sinclair/typebox'
import { refuse } from '../errors.ts'
import { closeDeposit } from '../matter/close-deposit.ts'
import { correctLine } from '../matter/correct-line.ts'
import { correctionsOf, noteOf } from '../matter/corrections.ts'
import { flowByDay } from '../matter/flow.ts'
import { linesOf } from '../matter/line.ts'
import { listDeposits, listedDeposit } from '../matter/list-deposits.ts'
import { listExits, listedExit } from '../matter/list-exits.ts'
import { cursorOf, movements } from '../matter/movements.ts'
import { openDeposit } from '../matter/open-deposit.ts'
import { recordExit } from '../matter/record-exit.ts'
import { stock } from '../matter/stock.ts'
import { weigh } from '../matter/weigh.ts'
import { act, cautionsOf, entryOf, firstOf } from './act.ts'
import type { App } from './app.ts'
import { markOf } from './marks.ts'
import { beforePosition, limitOf, pageOf } from './page.ts'
import { checkDays, checkPeriod } from './reports.ts'
import type { World } from './world.ts'

const Id = Type.Object({ id: Uuid })
const LineId = Type.Object({ id: Uuid, lineId: Uuid })
const tags = ['matter']

/** Matter: what is weighed in, what leaves otherwise than through the till, and what is there. */
export const matterRoutes = (app: App, world: World): void => {
  depositRoutes(app, world)
  exitRoutes(app, world)

  app.get('/v1/movements', { schema: { tags, querystring: MovementsQuery } }, async ({ query }) => {
    checkDays(query)
    const rows = await movements(world.slowRead, query, limitOf(query) + 1)
    return pageOf(rows, limitOf(query), cursorOf, (row) => row)
  })

  app.get('/v1/stock', { schema: { tags, querystring: PeriodQuery } }, async ({ query }) => {
    checkPeriod(query)
    return { ...query, ...(await stock(world.slowRead, query)), days: await flowByDay(world.slowRead, query) }
  })
}

const depositRoutes = (app: App, world: World) => {
  app.post('/v1/deposits', { schema: { tags, body: OpenDepositBody } }, async (request, reply) => {
    const fact = firstOf<DepositOpened>(await act(world, request, reply, openDeposit, request.body))
    return reply.code(201).send(answerOf(fact))
  })

  app.get('/v1/deposits', { schema: { tags, querystring: DepositsQuery } }, async ({ query }) => {
    checkDays(query)
    const rows = await listDeposits(world.read, query, beforePosition(query), limitOf(query) + 1)
    return pageOf(
      rows,
      limitOf(query),
      ({ position }) => position,
      (row) => row,
    )
  })

  app.get('/v1/deposits/:id', { schema: { tags, params: Id } }, async ({ params: { id } }) => {
    const deposit = (await listedDeposit(world.read, id)) ?? refuse('not-found', { what: `deposit ${id}` })
    return { ...deposit, ...(await noteOf(world.read, 'deposit', id)), ...(await detailsOf(world, id)) }
  })

  app.post('/v1/deposits/:id/lines', { schema: { tags, params: Id, body: WeighBody } }, async (request, reply) => {
    const body = { ...request.body, depositId: request.params.id }
    const kept = await act(world, request, reply, weigh, body)
    return reply.code(201).send({ ...answerOf(firstOf<MatterLogged>(kept)), ...cautionsOf(kept) })
  })

  app.post('/v1/deposits/:id/close', { schema: { tags, params: Id } }, async (request, reply) => {
    const kept = await act(world, request, reply, closeDeposit, { depositId: request.params.id })
    return { ...answerOf(firstOf<DepositClosed>(kept)), status: 'closed' }
  })

  app.post(
    '/v1/deposits/:id/lines/:lineId/corrections',
    { schema: { tags, params: LineId, body: CorrectWeighingBody } },
    async (request, reply) => {
      const { id: sourceId, lineId } = request.params
      const body = { ...request.body, sourceKind: 'deposit', sourceId, lineId } as const
      return reply
        .code(201)
        .send(answerOf(firstOf<MatterCorrected>(await act(world, request, reply, correctLine, body))))
    },
  )
}

const exitRoutes = (app: App, world: World) => {
  app.post('/v1/exits', { schema: { tags, body: RecordExitBody } }, async (request, reply) => {
    const fact = firstOf<ExitRecorded>(await act(world, request, reply, recordExit, request.body))
    return reply.code(201).send(answerOf(fact))
  })

  app.get('/v1/exits', { schema: { tags, querystring: ExitsQuery } }, async ({ query }) => {
    checkDays(query)
    const rows = await listExits(world.read, query, beforePosition(query), limitOf(query) + 1)
    return pageOf(
      rows,
      limitOf(query),
      ({ position }) => position,
      (row) => row,
    )
  })

  app.get('/v1/exits/:id', { schema: { tags, params: Id } }, async ({ params: { id } }) => {
    const exit = (await listedExit(world.read, id)) ?? refuse('not-found', { what: `exit ${id}` })
    return { ...exit, ...(await noteOf(world.read, 'exit', id)), ...(await detailsOf(world, id)) }
  })

  app.post(
    '/v1/exits/:id/lines/:lineId/corrections',
    { schema: { tags, params: LineId, body: CorrectExitLineBody } },
    async (request, reply) => {
      const { id: sourceId, lineId } = request.params
      const body = { ...request.body, sourceKind: 'exit', sourceId, lineId } as const
      return reply
        .code(201)
        .send(answerOf(firstOf<MatterCorrected>(await act(world, request, reply, correctLine, body))))
    },
  )
}

/** The lines as they are now, and every correction with what stood there before. */
const detailsOf = async ({ read }: World, id: string) => ({
  lines: await linesOf(read, id),
  corrections: await correctionsOf(read, id),
})

/** A fact as it is answered. */
const answerOf = <D extends object>(fact: KeptFact<D>) => ({
  ...fact.data,
  ...entryOf(fact),
  ...markOf(fact),
})
