import { type ArgsOf, OnHttpRequest } from '@recyclique/contracts'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { refuse } from '../errors.ts'
import { HookError } from '../hooks/hook-error.ts'
import type { App } from './app.ts'
import { isAsked, moduleRequired, requestRefused } from './ask-modules.ts'
import { authenticate, SECRETS, type SignedIn } from './authenticate.ts'
import { authorInside } from './inside.ts'
import { tellSkipped } from './skipped.ts'
import type { World } from './world.ts'

type Head = ArgsOf<typeof OnHttpRequest>
type Asking = Pick<World, 'hooks' | 'metrics'>

/**
 * Before a request is read any further: who sends it, then the guards. Both see a request of the API or of a module's routes only:
 * health, figures and documentation are not asked about.
 */
export const guardRequests = (app: App, world: Asking): void => {
  app.addHook('onRequest', async (request, reply) => {
    if (!isGuarded(request)) return
    const signedIn = await authenticate(world, request, reply)
    if (isAsked(world.hooks, OnHttpRequest)) await guard(world, request, reply, signedIn)
  })
}

/** By the route that was found: the address as it was written has many spellings. What has no route is not served anyway. */
export const isGuarded = (request: FastifyRequest): boolean =>
  isOfTheApi(request) && authorInside(request) === undefined

const isOfTheApi = ({ routeOptions: { url = '' } }: FastifyRequest): boolean =>
  (url.startsWith('/v1/') || url.startsWith('/m/')) && !url.startsWith('/v1/control/') && !url.startsWith('/v1/docs/')

const guard = async (world: Asking, request: FastifyRequest, reply: FastifyReply, signedIn: SignedIn | undefined) => {
  const head = headOf(request, signedIn)
  const folded = await folding(world, request, reply, head)
  takeQuery(request, folded)
  takeHeaders(request, head, folded)
  logNotes(request, head, folded)
}

/** Path and query as the kernel understood them, so that no other spelling of an address gets around a guard. */
const headOf = (request: FastifyRequest, signedIn: SignedIn | undefined): Head => {
  const path = pathOf(request)
  if (path.length > 2_048) refuse('request-invalid', { why: 'its path is over 2048 characters' })
  return {
    method: request.method as Head['method'],
    path,
    query: textsIn(request.query as Record<string, unknown>),
    headers: textsIn(request.headers, (name) => !SECRETS.includes(name)),
    requestId: request.id,
    ...(signedIn ? { notes: { actor: signedIn.actor, roles: fitting(signedIn.roles) } } : {}),
  }
}

export const pathOf = ({ routeOptions: { url = '' }, params }: FastifyRequest): string =>
  url.replace(/:(\w+)|\*/g, (all, name: string | undefined) => (params as Record<string, string>)[name ?? all] ?? '')

const textsIn = (from: Record<string, unknown>, isShown: (name: string) => boolean = () => true) =>
  Object.fromEntries(
    Object.entries(from).filter((one): one is [string, string] => typeof one[1] === 'string' && isShown(one[0])),
  )

/** As many whole words as a note holds: half a role would be another role. */
const fitting = (roles: readonly string[]): string =>
  roles.reduce((text, role) => (text.length + role.length < 512 ? `${text} ${role}`.trim() : text), '')

const folding = async (world: Asking, request: FastifyRequest, reply: FastifyReply, head: Head): Promise<Head> => {
  try {
    const { result, errors } = await world.hooks.askInDetail(OnHttpRequest.name, head)
    tellSkipped(world, reply, errors)
    return result as Head
  } catch (error) {
    if (!(error instanceof HookError)) throw error
    const isNo = error.module !== undefined && (error.kind === 'thrown' || error.kind === 'denied')
    if (!isNo && isOperatorHere(request)) return passedBy(request, error, head)
    throw isNo ? requestRefused(error) : moduleRequired(world.hooks, error)
  }
}

/**
 * The way out when a guard itself is dead: whoever sits at this computer may look at modules and hooks and take it away. A guard that
 * says no is never passed, and neither is any for a request that came from elsewhere, or through a proxy, behind which everybody is here.
 */
const isOperatorHere = ({ ip, headers, routeOptions: { url = '' } }: FastifyRequest): boolean =>
  /^\/v1\/(modules|hooks)(\/|$)/.test(url) &&
  (ip === '127.0.0.1' || ip === '::1' || ip === '::ffff:127.0.0.1') &&
  !('forwarded' in headers || 'x-forwarded-for' in headers || 'via' in headers || 'x-real-ip' in headers)

const passedBy = ({ log, id, method }: FastifyRequest, { message }: HookError, head: Head): Head => {
  log.warn({ requestId: id, method, path: head.path, reason: message }, 'a guard is away: the operator was let by it')
  return head
}

/** What was said twice was not shown, and stays for the schema to judge. */
const takeQuery = (request: FastifyRequest, { query }: Head) => {
  const lists = Object.entries(request.query as object).filter(([, value]) => typeof value !== 'string')
  request.query = { ...query, ...Object.fromEntries(lists) }
}

/** How a request travels, who acts and under which key is no guard's to change. */
const FIXED = new Set([
  ...SECRETS,
  ...['recyclique-actor', 'idempotency-key', 'host', 'connection', 'content-length', 'transfer-encoding'],
  ...['expect', 'upgrade', 'te', 'trailer', 'keep-alive'],
])

const takeHeaders = (request: FastifyRequest, head: Head, { headers }: Head) => {
  const changed = Object.entries(headers)
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name, value]) => head.headers[name] !== value && !FIXED.has(name))
  if (changed.length > 0) request.headers = Object.fromEntries(changed)
}

const logNotes = ({ log, id, method }: FastifyRequest, head: Head, { notes }: Head) => {
  if (notes === undefined || JSON.stringify(notes) === JSON.stringify(head.notes)) return
  log.info({ requestId: id, method, path: head.path, notes }, 'guards noted something of this request')
}
