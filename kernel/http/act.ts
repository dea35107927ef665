import type { KeptFact, Skipped } from '@recyclique/contracts'
import canonicalize from 'canonicalize'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { findRecord } from '../centre/records.ts'
import { Refusal, refuse } from '../errors.ts'
import type { Kept } from '../ledger/ledger.ts'
import type { Command, Rule } from '../ledger/rule.ts'
import { authorInside } from './inside.ts'
import { type KeptAfterAsking, keepAfterAsking } from './keep-after-asking.ts'
import { skippedHeader } from './skipped.ts'
import type { World } from './world.ts'

const KEY = /^[A-Za-z0-9._-]{8,64}$/

/**
 * One act over HTTP: who acts, under which key, what; then modules are asked where the rule asks some, and the ledger decides and
 * keeps it. Sets `Idempotency-Replayed` when the key was answered before, and `Recyclique-Skipped` when a module was silent.
 * Resolves once the facts are on disk.
 */
export const act = async <B, S>(
  world: World,
  request: FastifyRequest,
  reply: FastifyReply,
  rule: Rule<B, S>,
  body: B,
): Promise<KeptAfterAsking> => {
  const command = await commandOf(world, request, body)
  const kept = await keepAfterAsking(world, command, rule)
  if (kept.replayed) reply.header('idempotency-replayed', 'true')
  skippedHeader(reply, skippedFrom(kept))
  return kept
}

/** What an answer shows of the modules that were asked: their words of care, where there are some. */
export const cautionsOf = ({ cautions }: KeptAfterAsking) => (cautions.length > 0 ? { cautions } : {})

/** The fact says who was silent, so that a retry is answered with the same header. */
const skippedFrom = ({ facts }: Kept): Skipped =>
  (facts[0]?.data as { readonly skipped?: Skipped } | undefined)?.skipped ?? []

const commandOf = async <B>(world: World, request: FastifyRequest, body: B): Promise<Command<B>> => {
  const actor = await actorOf(world, request)
  const key = keyOf(request)
  checkNoBody(request)
  const [path] = request.url.split('?')
  const digest = world.digest(canonicalize([request.method, path, actor, request.body ?? null]) ?? '')
  return { key, digest, actor, id: world.newId(), body }
}

/** Where a route has no schema of a body, nothing has looked at what came; some clients send `{}` with every POST. */
const checkNoBody = ({ body, routeOptions }: FastifyRequest): void => {
  if (routeOptions.schema?.body !== undefined || body === undefined || isEmpty(body)) return
  throw new Refusal('body-invalid', { what: 'The body', flaws: 'this act takes none: leave it out' }, { field: '' })
}

const isEmpty = (body: unknown) =>
  typeof body === 'object' && body !== null && !Array.isArray(body) && Object.keys(body).length === 0

/** A module that asks from inside is itself; until people sign in, everybody else is whom the header names, a user who is in use. */
export const actorOf = async ({ read }: World, request: FastifyRequest): Promise<string> => {
  const author = authorInside(request)
  if (author !== undefined) return author
  const { headers } = request
  const actor = headers['recyclique-actor']
  if (typeof actor !== 'string' || actor === '') throw new Refusal('actor-missing')
  const user = await findRecord(read, 'user', actor)
  return user && !user.archived ? actor : refuse('actor-unknown', { actor: actor.slice(0, 64) })
}

/** What is put at a known place (PUT, DELETE) is the same act however often it comes: there the key may be left out. */
const keyOf = ({ method, headers, id }: FastifyRequest): string => {
  const key = headers['idempotency-key']
  if (key === undefined) return method === 'POST' ? refuse('key-missing') : id
  return typeof key === 'string' && KEY.test(key) ? key : refuse('key-invalid')
}

/** Where a fact stands in the ledger, for the answer. */
export const entryOf = ({ position, journal, seq, hash, mode, recordedAt, businessDate, actor }: KeptFact) => ({
  position,
  journal,
  number: seq,
  hash,
  mode,
  recordedAt,
  businessDate,
  actor,
})

/** The first fact of an act, with the data that its rule gave it. */
export const firstOf = <D>({ facts }: Kept): KeptFact<D> => {
  const fact = facts[0]
  if (!fact) throw new Error('an act that always yields a fact yielded none')
  return fact as KeptFact<D>
}
