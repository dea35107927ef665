import type { NatsConnection } from '@nats-io/transport-node'
import { admitKnownModules, admitModule, allowModule, expelModule, removeModule } from './admit.ts'
import type { Keyring } from './keyring.ts'
import { keepRights, knownModules, markExpelled, moduleKeys, removeKeys } from './module-keys.ts'

/** What was decided about a module, as far as its account goes. */
export interface Decided {
  readonly isBlocked: boolean
  readonly mayHave: (right: string) => boolean
}

/**
 * The modules' accounts while a kernel runs. What is decided is written into the keyring first, and pushed to the server as soon as it
 * is there: while it is away nobody can come in by what was taken, since the server's configuration is made from the keyring.
 */
export const openAccounts = (keyring: Keyring) => {
  let sys: NatsConnection | undefined
  const pushed = async (write: () => Promise<void>, push: (sys: NatsConnection) => Promise<void>) =>
    sys === undefined || sys.isClosed() ? write() : push(sys)

  const admit = (name: string) =>
    pushed(
      () => mark(keyring, name, false),
      (connection) => admitModule(connection, keyring, name),
    )
  const expel = (name: string) =>
    pushed(
      () => mark(keyring, name, true),
      (connection) => expelModule(connection, keyring, name),
    )

  return {
    /** Sets the keyring's copy right, by what the ledger says: it may have been restored, or another kernel decided meanwhile. */
    async setRight(decidedOf: (module: string) => Decided): Promise<void> {
      for (const { name, rights, isExpelled } of await knownModules(keyring)) {
        const { isBlocked, mayHave } = decidedOf(name)
        if (isBlocked !== isExpelled) await markExpelled(keyring, name, isBlocked)
        if (!rights.every(mayHave)) await keepRights(keyring, name, rights.filter(mayHave))
      }
    },
    /** A connection to the system account: whatever the server does not know as it is goes there now, and later what is decided. */
    async connected(connection: NatsConnection): Promise<void> {
      sys = connection
      await admitKnownModules(connection, keyring)
    },
    /** Who has been granted what so far; nothing for one without keys. */
    async rightsOf(name: string): Promise<readonly string[]> {
      return (await knownModules(keyring)).find((module) => module.name === name)?.rights ?? []
    },
    allow: (name: string, rights: readonly string[]) =>
      pushed(
        () => keepRightsOf(keyring, name, rights),
        (connection) => allowModule(connection, keyring, name, rights),
      ),
    admit,
    /** Out, or in again; who has no keys and is not out is left alone. */
    async follow(name: string, isBlocked: boolean) {
      const known = (await knownModules(keyring)).find((module) => module.name === name)
      if ((known?.isExpelled ?? false) === isBlocked) return
      await (isBlocked ? expel(name) : admit(name))
    },
    remove: (name: string) =>
      pushed(
        () => removeKeys(keyring, name),
        (connection) => removeModule(connection, keyring, name),
      ),
  }
}

export type Accounts = ReturnType<typeof openAccounts>

const keepRightsOf = async (keyring: Keyring, name: string, rights: readonly string[]) => {
  await moduleKeys(keyring, name)
  await keepRights(keyring, name, rights)
}

const mark = async (keyring: Keyring, name: string, isExpelled: boolean) => {
  await moduleKeys(keyring, name)
  await markExpelled(keyring, name, isExpelled)
}
