import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import Fastify, { LogController } from 'fastify'
import { Refusal } from '../errors.ts'
import type { App } from './app.ts'
import { cashRoutes } from './cash.ts'
import { centreRoutes } from './centre.ts'
import { closeStepRoutes } from './close-steps.ts'
import { controlRoutes } from './control.ts'
import { deadLetterRoutes } from './dead-letters.ts'
import { described } from './described.ts'
import { documentRoutes } from './documents.ts'
import { endInOrder } from './end-in-order.ts'
import { errandRoutes } from './errands.ts'
import { errorsPage } from './errors-page.ts'
import { gate } from './gate.ts'
import { guardRequests } from './guard-request.ts'
import { answerHandled } from './handled-error.ts'
import { healthRoutes } from './health.ts'
import { hookRoutes } from './hooks.ts'
import { readJsonOnly } from './json.ts'
import { ledgerRoutes } from './ledger.ts'
import { liveRoutes } from './live.ts'
import { logLevelRoutes } from './log-level.ts'
import { matterRoutes } from './matter.ts'
import { moduleConfigRoutes } from './module-config.ts'
import { moduleRoutes } from './modules.ts'
import { permissionRoutes } from './permissions.ts'
import { answerError, answerUnreadable, problemOf } from './problems.ts'
import { receiptRoutes } from './receipt.ts'
import { reportRoutes } from './reports.ts'
import { salesRoutes } from './sales.ts'
import { suggestionRoutes } from './suggest.ts'
import { tellAnswered } from './tell-answered.ts'
import { traceRoutes } from './trace.ts'
import { wantedRoutes } from './wanted.ts'
import type { World } from './world.ts'

/** The API: every route of the kernel, its description at /openapi.json, and a page to try it at /docs. */
export const openServer = async (world: World): Promise<App> => {
  const app: App = Fastify({
    bodyLimit: 1_048_576,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    routerOptions: { maxParamLength: 128 },
    genReqId: () => world.newId(),
    loggerInstance: world.log,
    logController: new LogController({ disableRequestLogging: true }),
    frameworkErrors: answerError,
    clientErrorHandler: answerUnreadable(world.newId),
  }).withTypeProvider<TypeBoxTypeProvider>()
  readJsonOnly(app)
  app.setValidatorCompiler(gate)
  app.setErrorHandler(answerHandled(world))
  app.setNotFoundHandler((request, reply) => {
    const refusal = new Refusal('method-unknown', { method: request.method, path: request.url.slice(0, 200) })
    return reply.code(refusal.status).type('application/problem+json').send(problemOf(refusal, request.id))
  })
  app.addHook('onSend', async (request, reply) => {
    reply.header('x-request-id', request.id)
    reply.header('x-content-type-options', 'nosniff')
  })
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unknown'
    world.metrics.answered(route, request.method, reply.statusCode, reply.elapsedTime / 1000)
  })

  guardRequests(app, world)
  tellAnswered(app, world)
  endInOrder(app)
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Recyclique', version: world.version, description: DESCRIPTION },
    },
    transform: described,
  })
  await app.register(swaggerUi, { routePrefix: '/docs' })
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger())
  // Where a problem's `type` leads to.
  app.get('/errors', { schema: { hide: true } }, (_, reply) =>
    reply.type('text/html; charset=utf-8').send(errorsPage()),
  )

  documentRoutes(app, world)
  centreRoutes(app, world)
  cashRoutes(app, world)
  closeStepRoutes(app, world)
  salesRoutes(app, world)
  receiptRoutes(app, world)
  suggestionRoutes(app, world)
  matterRoutes(app, world)
  reportRoutes(app, world)
  ledgerRoutes(app, world)
  liveRoutes(app, world)
  moduleRoutes(app, world)
  errandRoutes(app, world)
  moduleConfigRoutes(app, world)
  wantedRoutes(app, world)
  logLevelRoutes(app, world)
  permissionRoutes(app, world)
  deadLetterRoutes(app, world)
  hookRoutes(app, world)
  traceRoutes(app, world)
  controlRoutes(app, world)
  healthRoutes(app, world)
  return app
}

const DESCRIPTION = `Money is whole euro cents, weight whole grams. Every POST that the ledger keeps needs two headers: \`Recyclique-Actor\`, the id
of a user, and \`Idempotency-Key\`, one fresh UUID per act and the same again on a retry. A refusal is a problem (RFC 9457) with a
stable \`code\`; nothing of a refused act is kept.`
