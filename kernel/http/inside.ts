import { randomUUID } from 'node:crypto'
import type { ApiAnswer, ApiCall } from '@recyclique/contracts'
import type { FastifyRequest } from 'fastify'
import type { App } from './app.ts'

/** Made anew at each start and never sent: who bears it comes from inside this process. */
const SECRET = randomUUID()
const BADGE = 'recyclique-inside'

/** A module's request, through the same gates as everybody's, done as `module.<name>`, or as `module.<name>/<for whom>`. Throws nothing: a refusal is an answer. */
export const callInside = async (
  app: App,
  module: string,
  { method, path, key, body, onBehalfOf }: ApiCall,
): Promise<ApiAnswer> => {
  const { statusCode, headers, payload } = await app.inject({
    method,
    url: path,
    headers: {
      [BADGE]: `${SECRET} module.${module}${onBehalfOf === undefined ? '' : `/${onBehalfOf}`}`,
      ...(key === undefined ? {} : { 'idempotency-key': key }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
  })
  const isJson = String(headers['content-type'] ?? '').includes('json')
  return { status: statusCode, body: isJson ? JSON.parse(payload) : payload }
}

/** The module that sends this request from inside, as the author of what it does; undefined for one that came over the network, whatever it says. */
export const authorInside = ({ headers }: Pick<FastifyRequest, 'headers'>): string | undefined => {
  const [secret, author] = String(headers[BADGE] ?? '').split(' ')
  return secret === SECRET ? author : undefined
}
