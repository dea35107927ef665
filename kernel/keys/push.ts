import type { NatsConnection } from '@nats-io/transport-node'
import { KeysError } from './errors.ts'
import { type Claims, readClaims, signClaims } from './jwt.ts'
import type { Keyring } from './keyring.ts'

const ANSWER_WITHIN_MS = 5_000

/**
 * Gives an account to the running server, which takes it at once and keeps it: nobody is disconnected, nothing is reloaded. In a
 * cluster one server answers for itself, and the others take it on their own. Throws a `KeysError` with the server's reason.
 *
 * The server checks that the token is whole, and not by whom it is signed: an account of a stranger is kept, and found unfit when
 * somebody wants to use it. So hand over only what this keyring's operator signed.
 */
export const pushAccount = async (sys: NatsConnection, jwt: string): Promise<void> => {
  await claim(sys, 'UPDATE', { jwt, name: readClaims(jwt).name })
}

/**
 * The server has an account that says the same. Then it must not be pushed: a push makes the account's ways over its border anew, and a
 * fact that is on its way over them at that moment is lost until the server's patience ends (`ack_wait`, 30 s).
 */
export const hasAccount = async (sys: NatsConnection, jwt: string): Promise<boolean> => {
  const { sub, nats } = readClaims(jwt)
  const found = await sys
    .request(`$SYS.REQ.ACCOUNT.${sub}.CLAIMS.LOOKUP`, '', { timeout: ANSWER_WITHIN_MS })
    .then((reply) => reply.string())
    .catch(() => '')
  return found.split('.').length === 3 && JSON.stringify(readClaims(found).nats) === JSON.stringify(nats)
}

/** Takes accounts from the running server: who is connected there is cut off, and cannot come back until the account is pushed again. */
export const dropAccount = async (
  sys: NatsConnection,
  { operator }: Keyring,
  account: { name: string; publicKey: string },
  nowMs = Date.now(),
): Promise<void> => {
  const claims: Claims = {
    name: 'delete',
    sub: operator.publicKey,
    nats: { type: 'generic', version: 2, accounts: [account.publicKey] },
  }
  await claim(sys, 'DELETE', { jwt: signClaims(operator, claims, nowMs), name: account.name })
}

type Answer = { data?: { code?: number }; error?: { description?: string } }

const claim = async (
  sys: NatsConnection,
  verb: string,
  { jwt, name }: { jwt: string; name: string },
): Promise<void> => {
  const answer = await ask(sys, verb, jwt).catch((cause: Error) => {
    throw new KeysError('account-refused', { name, reason: cause.message }, { cause })
  })
  if (answer.data?.code === 200) return
  throw new KeysError('account-refused', { name, reason: answer.error?.description ?? 'it gave no reason' })
}

const ask = async (sys: NatsConnection, verb: string, jwt: string): Promise<Answer> => {
  const reply = await sys.request(`$SYS.REQ.CLAIMS.${verb}`, jwt, { timeout: ANSWER_WITHIN_MS })
  return reply.json<Answer>()
}
