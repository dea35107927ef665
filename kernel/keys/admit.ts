import { isDeepStrictEqual } from 'node:util'
import type { NatsConnection } from '@nats-io/transport-node'
import { kernelAccount, type ModuleAccount, moduleAccount, onlookerAccount } from './accounts.ts'
import { signClaims } from './jwt.ts'
import type { Keyring } from './keyring.ts'
import { keepRights, knownModule, knownModules, markExpelled, moduleKeys, removeKeys } from './module-keys.ts'
import { onlookerKeys } from './onlooker-keys.ts'
import { dropAccount, hasAccount, pushAccount } from './push.ts'

/** Lets a module onto the bus, now, with the rights that it has. Safe to repeat, and beside others that are let in. Its durable is not made here. */
export const admitModule = async (sys: NatsConnection, keyring: Keyring, name: string): Promise<void> => {
  await moduleKeys(keyring, name)
  await markExpelled(keyring, name, false)
  await admitKnownModules(sys, keyring)
}

/**
 * Changes what a module may say, now: its own account alone is pushed, nobody is disconnected, and its facts and answers under way
 * arrive. What is the same already is not pushed.
 */
export const allowModule = async (
  sys: NatsConnection,
  keyring: Keyring,
  name: string,
  rights: readonly string[],
): Promise<void> => {
  await moduleKeys(keyring, name)
  await keepRights(keyring, name, rights)
  await pushUnknown(sys, [await signedModule(keyring, name)])
}

/**
 * Lets every module in that has keys here and that the server does not know as it is. To be called at each connection to a server: it may
 * have been started before a key was made, have lost its store, or belong to somebody else. Gives how many accounts were pushed.
 *
 * Every module's account, which offers its branch, goes before the kernel's, which takes the offers: where the kernel's names one that
 * the server has not, the server looks for it on the bus, some seconds long, and answers nobody else the while. Somebody else may let a
 * module in at the same time, and the kernel's account is one for all: whoever finds that there are others now pushes again.
 */
export const admitKnownModules = async (sys: NatsConnection, keyring: Keyring): Promise<number> => {
  const { kernel, modules, onlooker } = await signedAccounts(keyring)
  const pushed = await pushUnknown(sys, [...Object.values(modules), kernel, ...Object.values(onlooker)])
  const known = (await knownModules(keyring)).map(({ publicKey }) => publicKey)
  const isSettled = isDeepStrictEqual(known, Object.keys(modules))
  return isSettled ? pushed : pushed + (await admitKnownModules(sys, keyring))
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

/**
 * Puts a module out at once: its connections are cut, and nobody else notices. Its keys and its account stay, and only `admitModule` lets
 * it in again.
 */
export const expelModule = async (sys: NatsConnection, keyring: Keyring, name: string): Promise<void> => {
  await moduleKeys(keyring, name)
  await markExpelled(keyring, name, true)
  await pushUnknown(sys, [await signedModule(keyring, name)])
}

/**
 * Forgets a module: its connections are cut, its account is taken from the server, and its credentials are worth nothing for ever. The
 * kernel's account lets go of it first, since it must not name one that the server has not. That push may hold up a fact on its way to
 * another module, until that one asks for it again.
 */
export const removeModule = async (sys: NatsConnection, keyring: Keyring, name: string): Promise<void> => {
  const before = (await knownModules(keyring)).find((module) => module.name === name)
  if (!before) return
  await expelModule(sys, keyring, name)
  await removeKeys(keyring, name)
  await admitKnownModules(sys, keyring)
  await dropAccount(sys, keyring, before)
}

/** A signed account for everyone who has keys: the kernel's, and the modules' and the onlooker's by public key. */
export const signedAccounts = async (
  keyring: Keyring,
  nowMs = Date.now(),
): Promise<{ kernel: string; modules: Record<string, string>; onlooker: Record<string, string> }> => {
  const modules = await knownModules(keyring)
  const { account } = await onlookerKeys(keyring)
  return {
    kernel: signClaims(keyring.operator, kernelAccount(keyring.site, keyring.kernel, modules), nowMs),
    modules: Object.fromEntries(modules.map((module) => [module.publicKey, signModule(keyring, module, nowMs)])),
    onlooker: {
      [account.publicKey]: signClaims(keyring.operator, onlookerAccount(keyring.site, keyring.kernel, account), nowMs),
    },
  }
}

const signedModule = async (keyring: Keyring, name: string): Promise<string> =>
  signModule(keyring, await knownModule(keyring, name), Date.now())

const signModule = (keyring: Keyring, module: ModuleAccount, nowMs: number): string =>
  signClaims(keyring.operator, moduleAccount(keyring.site, keyring.kernel, module), nowMs)
