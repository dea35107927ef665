import type { NatsConnection } from '@nats-io/transport-node'
import { kernelAccount, moduleAccount } from './accounts.ts'
import { type Claims, signClaims } from './jwt.ts'
import type { Keyring } from './keyring.ts'
import { knownModules, moduleKeys } from './module-keys.ts'
import { dropAccount, hasAccount, pushAccount } from './push.ts'

/**
 * Lets a module onto the bus, now: its own account first, which offers its branch, then the kernel's, which takes the offer. Safe
 * to repeat. Its durable is not made here.
 */
export const admitModule = async (sys: NatsConnection, keyring: Keyring, name: string): Promise<void> => {
  const { account } = await moduleKeys(keyring, name)
  const claims = moduleAccount(keyring.site, keyring.kernel, { name, publicKey: account.publicKey })
  const module = signClaims(keyring.operator, claims, Date.now())
  await pushUnknown(sys, [module, (await signedAccounts(keyring)).kernel])
}

/**
 * Lets every module in that has keys here and that the server does not know as it is. To be called at each connection to a server: it may
 * have been started before a key was made, have lost its store, or belong to somebody else. Gives how many accounts were pushed.
 */
export const admitKnownModules = async (sys: NatsConnection, keyring: Keyring): Promise<number> => {
  const { kernel, preload } = await signedAccounts(keyring)
  const modules = (await knownModules(keyring)).map(({ publicKey }) => preload[publicKey] as string)
  // What a module offers first, then the kernel's, which takes the offers.
  return pushUnknown(sys, [...modules, kernel])
}

const pushUnknown = async (sys: NatsConnection, jwts: readonly string[]): Promise<number> => {
  let pushed = 0
  for (const jwt of jwts) {
    if (await hasAccount(sys, jwt)) continue
    await pushAccount(sys, jwt)
    pushed += 1
  }
  return pushed
}

/** Puts a module out at once: its connections are cut. Its keys stay, and `admitModule` lets it in again. */
export const expelModule = async (sys: NatsConnection, keyring: Keyring, name: string): Promise<void> => {
  const { account } = await moduleKeys(keyring, name)
  await dropAccount(sys, keyring, { name, publicKey: account.publicKey })
}

/** A signed account for everyone: by its public key those with which a server starts, and the kernel's by name. */
export const signedAccounts = async (
  keyring: Keyring,
  nowMs = Date.now(),
): Promise<{ kernel: string; preload: Record<string, string> }> => {
  const modules = await knownModules(keyring)
  const sign = (claims: Claims) => signClaims(keyring.operator, claims, nowMs)
  const kernel = sign(kernelAccount(keyring.site, keyring.kernel, modules))
  const preload: Record<string, string> = {
    [keyring.sys.publicKey]: keyring.sysJwt,
    [keyring.kernel.publicKey]: kernel,
  }
  for (const module of modules) {
    preload[module.publicKey] = sign(moduleAccount(keyring.site, keyring.kernel, module))
  }
  return { kernel, preload }
}
