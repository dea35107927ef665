import { connect, credsAuthenticator } from '@nats-io/transport-node'
import { admitModule } from './admit.ts'
import { sysCredentials } from './credentials.ts'
import { KeysError } from './errors.ts'
import type { Keyring } from './keyring.ts'

/** Lets modules onto a bus that runs, by a connection of its own: for modules that come while everything runs. Nobody is disconnected. */
export const admitNow = async (url: string, keyring: Keyring, names: readonly string[]): Promise<void> => {
  const authenticator = credsAuthenticator(new TextEncoder().encode(sysCredentials(keyring).creds))
  const servers = url.split(',').map((one) => one.trim())
  const sys = await connect({ servers, authenticator, name: 'keys-tool', timeout: 5_000, reconnect: false }).catch(
    (cause: Error) => {
      throw new KeysError('account-refused', { name: names.join(', '), reason: cause.message }, { cause })
    },
  )
  try {
    for (const name of names) await admitModule(sys, keyring, name)
  } finally {
    await sys.close()
  }
}
