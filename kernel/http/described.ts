import { Problem } from '@recyclique/contracts'
import { Type } from '@sinclair/typebox'
import type { FastifySchema, RouteOptions } from 'fastify'

/** The headers of an act, as act.ts reads them; where an act is put at a known place, or is no act of the ledger, the key may be left out. */
const actor = Type.String({ description: 'who acts: the id of a user' })
const key = Type.String({
  pattern: '^[A-Za-z0-9._-]{8,64}$',
  description: 'one fresh UUID per act, the same on a retry',
})
const POST = Type.Object({ 'recyclique-actor': actor, 'idempotency-key': key })
const OTHER = Type.Object({ 'recyclique-actor': actor, 'idempotency-key': Type.Optional(key) })

interface Described {
  readonly schema: FastifySchema
  readonly url: string
  readonly route: RouteOptions
}

/**
 * What /openapi.json says of every route beside its own schema: the headers of an act, and that a refusal is a problem. Only the
 * description: act.ts reads the headers itself, and refuses them in words of its own.
 */
export const described = ({ schema, url, route }: Described): { schema: FastifySchema; url: string } => {
  const { method } = route
  const isAct = url.startsWith('/v1/') && method !== 'GET' && !url.endsWith('/verify')
  const needsKey = method === 'POST' && !url.startsWith('/v1/dead-letters/')
  const headers = isAct ? { headers: needsKey ? POST : OTHER } : {}
  const answers = (schema?.response ?? {}) as Record<string, unknown>
  const usual = Object.keys(answers).length > 0 ? {} : { '2xx': { description: 'done' } }
  return { url, schema: { ...schema, ...headers, response: { ...usual, ...answers, '4xx': Problem } } }
}
