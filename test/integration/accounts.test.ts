import { connect, credsAuthenticator } from '@nats-io/transport-node'
import { expect, test } from 'vitest'
import { moduleCredentials } from '../../kernel/keys/credentials.ts'
import { startKernelProcess } from '../support/kernel-process.ts'
import { startTestServer } from '../support/nats.ts'
import { until } from '../support/wait.ts'

test('a server that was started before a module had keys lets it in once the kernel is there: the kernel pushes its account', async () => {
  const nats = await startTestServer({ site: 'centre' })
  const { creds, inboxPrefix } = await moduleCredentials(nats.keyring, 'newcomer')
  const authenticator = credsAuthenticator(new TextEncoder().encode(creds))
  const knock = () =>
    connect({ servers: nats.url, authenticator, inboxPrefix, reconnect: false }).then(
      async (connection) => {
        await connection.close()
        return true
      },
      () => false,
    )
  expect(await knock()).toBe(false)
  const kernel = await startKernelProcess({
    nats: nats.url,
    env: { RECYCLIQUE_KEYS: nats.keyring.folder, RECYCLIQUE_SITE: 'centre' },
  })
  await until(knock)
  await kernel.done()
  await nats.stop()
}, 60_000)
