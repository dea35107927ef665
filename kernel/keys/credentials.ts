import { type ConnectionRules, connectionRules } from '../../contracts/credentials.ts'
import { kernelUser, moduleUser, onlookerUser, sysUser } from './accounts.ts'
import { type Claims, signClaims } from './jwt.ts'
import type { Keyring } from './keyring.ts'
import { moduleKeys } from './module-keys.ts'
import type { Nkey } from './nkey.ts'
import { onlookerKeys } from './onlooker-keys.ts'

/** `creds` is the text of a `.creds` file, which every NATS client reads. It contains a secret. */
export type Credentials = { creds: string }

/** What the kernel itself connects with. Signed anew at each call; older ones hold as well. */
export const kernelCredentials = ({ kernel, kernelUser: user }: Keyring, nowMs = Date.now()): Credentials =>
  credentials(kernel, user, kernelUser(user.publicKey), nowMs)

/** What the kernel connects to the system account with: there it hears who came and went, and pushes accounts. */
export const sysCredentials = ({ sys, sysUser: user }: Keyring, nowMs = Date.now()): Credentials =>
  credentials(sys, user, sysUser(user.publicKey), nowMs)

/** What the operator looks on with, by the tools of NATS: who has it sees the modules as services, and can do nothing else. */
export const onlookerCredentials = async (keyring: Keyring, nowMs = Date.now()): Promise<Credentials> => {
  const { account, user } = await onlookerKeys(keyring)
  return credentials(account, user, onlookerUser(user.publicKey), nowMs)
}

/** What a module gets, whatever its number of instances. Makes its keys where there are none. */
export const moduleCredentials = async (
  keyring: Keyring,
  module: string,
  nowMs = Date.now(),
): Promise<Credentials & ConnectionRules> => {
  const { account, user } = await moduleKeys(keyring, module)
  const who = { name: module, publicKey: account.publicKey, userKey: user.publicKey }
  const claims = moduleUser(keyring.site, keyring.kernel, who)
  return { ...credentials(account, user, claims, nowMs), ...connectionRules(module) }
}

const credentials = (account: Nkey, user: Nkey, claims: Claims, nowMs: number): Credentials => ({
  creds: [
    '-----BEGIN NATS USER JWT-----',
    signClaims(account, claims, nowMs),
    '------END NATS USER JWT------',
    '',
    '-----BEGIN USER NKEY SEED-----',
    user.seed,
    '------END USER NKEY SEED------',
    '',
  ].join('\n'),
})
