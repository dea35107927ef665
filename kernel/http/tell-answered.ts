import { type ArgsOf, OnHttpAnswered } from '@recyclique/contracts'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { App } from './app.ts'
import { isAsked } from './ask-modules.ts'
import { isGuarded, pathOf } from './guard-request.ts'
import type { World } from './world.ts'

/** So many may be on their way to modules at once. What comes then is left out: a slow onlooker must not fill the memory of the till. */
const MOST_UNDER_WAY = 256

/** Tells modules of an answer when it has gone. Whatever becomes of that, nobody waits for it. */
export const tellAnswered = (app: App, world: Pick<World, 'hooks' | 'metrics' | 'log'>): void => {
  let underWay = 0
  app.addHook('onResponse', async (request, reply) => {
    if (!isGuarded(request) || !isAsked(world.hooks, OnHttpAnswered)) return
    if (underWay >= MOST_UNDER_WAY) return world.metrics.noticed(OnHttpAnswered.name, '', 'left-out')
    underWay += 1
    world.hooks
      .ask(OnHttpAnswered, answeredOf(request, reply))
      .catch((err: unknown) => world.log.warn({ err }, 'nobody could be told of an answer'))
      .finally(() => {
        underWay -= 1
      })
  })
}

const answeredOf = (request: FastifyRequest, reply: FastifyReply): ArgsOf<typeof OnHttpAnswered> => {
  const actor = request.headers['recyclique-actor']
  return {
    method: request.method as ArgsOf<typeof OnHttpAnswered>['method'],
    path: pathOf(request).slice(0, 2_048),
    status: reply.statusCode,
    ms: Math.max(0, reply.elapsedTime),
    requestId: request.id,
    ...(typeof actor === 'string' && actor !== '' ? { actor: actor.slice(0, 128) } : {}),
  }
}
