import { createHash } from 'node:crypto'
import { toBase32 } from './base32.ts'
import type { Nkey } from './nkey.ts'

/** NATS JWTs, version 2. Only the fields that we write; the names are the server's. */
export type Claims = { name: string; sub: string; nats: OperatorClaim | AccountClaim | UserClaim | GenericClaim }

export type OperatorClaim = { type: 'operator'; version: 2; system_account: string }

export type AccountClaim = {
  type: 'account'
  version: 2
  limits: AccountLimits
  exports?: Export[]
  imports?: Import[]
  /** Users by public key, `*` for all of them: no token holds that was signed before this second. */
  revocations?: Record<string, number>
}

/** −1 is "no limit", and 0 is "none at all", not "no limit". */
export type AccountLimits = {
  subs: number
  data: number
  payload: number
  imports: number
  exports: number
  wildcards: boolean
  conn: number
  leaf: number
  mem_storage: number
  disk_storage: number
  streams: number
  consumer: number
  max_ack_pending: number
}

export type Export = {
  name: string
  subject: string
  type: 'service'
  response_type: 'Singleton' | 'Stream'
  /** Nanoseconds. */
  response_threshold: number
}

export type Import = { name: string; subject: string; account: string; local_subject?: string; type: 'service' }

export type UserClaim = {
  type: 'user'
  version: 2
  pub: { allow: string[] }
  sub: { allow: string[] }
  /** How many answers it may send to a message that it got, and for how many nanoseconds. */
  resp?: { max: number; ttl: number }
  subs: number
  data: number
  payload: number
  allowed_connection_types: ('STANDARD' | 'WEBSOCKET')[]
}

/** The request to delete accounts is a signed token too. */
export type GenericClaim = { type: 'generic'; version: 2; accounts: string[] }

/**
 * Signs claims in the form that nats-server reads. The id is a hash over everything that is claimed, as NATS makes it, and over the
 * millisecond besides: to the server equal tokens are no news, so that a module that is put out and let in again within one second
 * would stay out.
 */
export const signClaims = (issuer: Nkey, claims: Claims, issuedAtMs: number): string => {
  const body = { iat: Math.floor(issuedAtMs / 1000), iss: issuer.publicKey, ...claims }
  const jti = toBase32(
    createHash('sha512-256')
      .update(JSON.stringify({ issuedAtMs, ...body }))
      .digest(),
  )
  const text = `${encode({ typ: 'JWT', alg: 'ed25519-nkey' })}.${encode({ jti, ...body })}`
  return `${text}.${issuer.sign(Buffer.from(text)).toString('base64url')}`
}

/** What a token claims, unchecked: for keys that we wrote ourselves, and for tests. Throws for what is no token. */
export const readClaims = (jwt: string): Claims & { jti: string; iat: number; iss: string } =>
  JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString('utf8'))

const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url')
