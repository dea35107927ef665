import { type ArgsOf, AuthAuthenticate } from '@recyclique/contracts'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { refuse } from '../errors.ts'
import { HookError } from '../hooks/hook-error.ts'
import { isAsked, moduleRequired, requestRefused } from './ask-modules.ts'
import { tellSkipped } from './skipped.ts'
import type { World } from './world.ts'

/** Who a module says that it is. */
export interface SignedIn {
  readonly actor: string
  readonly roles: readonly string[]
}

type Asking = Pick<World, 'hooks' | 'metrics'>
type Credentials = Pick<ArgsOf<typeof AuthAuthenticate>, 'scheme' | 'credential'>

/** What is looked at here, and then taken out. */
const OWN = ['authorization', 'recyclique-badge', 'recyclique-pin']

/** Headers that bear a secret: no guard sees them. */
export const SECRETS: readonly string[] = [...OWN, 'proxy-authorization', 'cookie']

/**
 * Who sends this? Asked when a request bears credentials and a module signs people in; else the header `Recyclique-Actor` says it.
 * From then on that header is the one who signed in, and the credentials go no further, to no other module either. Refuses credentials
 * that nobody knows, and a header that names somebody else (401); and 503 where a module could not look.
 */
export const authenticate = async (
  world: Asking,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<SignedIn | undefined> => {
  if (!isAsked(world.hooks, AuthAuthenticate)) return undefined
  const { headers } = request.raw
  const credentials = credentialsIn(headers)
  if (!credentials) return undefined
  const known = (await whoHas(world, reply, credentials)) ?? refuse('credentials-unknown')
  const said = headers['recyclique-actor']
  if (said !== undefined && said !== '' && said !== known.actor) refuse('actor-differs', { actor: known.actor })
  for (const name of OWN) delete headers[name]
  headers['recyclique-actor'] = known.actor
  return known
}

/** Two kinds at once would leave open which of them counts. */
const credentialsIn = (headers: FastifyRequest['raw']['headers']): Credentials | undefined => {
  const found = [authorizationIn(headers.authorization), ...ownIn(headers)].filter((one) => one !== undefined)
  if (found.length > 1) refuse('request-invalid', { why: 'it bears credentials of more than one kind' })
  const [only] = found
  if (only && !isFit(only.credential)) refuse('credentials-unknown')
  return only
}

/** `Bearer …` and `Basic …`; another scheme is somebody else's business. */
const authorizationIn = (text = ''): Credentials | undefined => {
  const [, scheme, credential = ''] = /^(bearer|basic)(?: +(.*))?$/i.exec(text) ?? []
  return scheme === undefined ? undefined : { scheme: scheme.toLowerCase() as 'bearer' | 'basic', credential }
}

const ownIn = (headers: FastifyRequest['raw']['headers']): Credentials[] =>
  (['badge', 'pin'] as const).flatMap((scheme) => {
    const credential = headers[`recyclique-${scheme}`]
    return typeof credential === 'string' && credential !== '' ? [{ scheme, credential }] : []
  })

const isFit = ({ length }: string) => length > 0 && length <= 4_096

const whoHas = async (world: Asking, reply: FastifyReply, credentials: Credentials): Promise<SignedIn | null> => {
  try {
    const { result, errors } = await world.hooks.askInDetail(AuthAuthenticate.name, credentials)
    tellSkipped(world, reply, errors)
    return result as SignedIn | null
  } catch (error) {
    if (!(error instanceof HookError)) throw error
    throw error.kind === 'denied' ? requestRefused(error) : moduleRequired(world.hooks, error)
  }
}
