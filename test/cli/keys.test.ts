import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { connect, credsAuthenticator } from '@nats-io/transport-node'
import { expect, onTestFinished, test } from 'vitest'
import { startTestServer } from '../support/nats.ts'
import { runCli } from './support/run-cli.ts'

test('the operator’s credentials are written, hold at once, and are for looking on', async () => {
  const server = await startTestServer()
  onTestFinished(server.stop)
  const file = join(server.folder, 'operator.creds')
  const { code, stdout } = await runCli(['keys', 'creds', '--operator', '--out', file], {
    RECYCLIQUE_KEYS: server.keyring.folder,
  })
  expect(code).toBe(0)
  expect(stdout).toContain(
    `${file} is written. Whoever has it sees the modules of this centre, and can do nothing else.`,
  )
  expect(stdout).toContain(`--creds ${file} micro ls`)
  if (process.platform !== 'win32') expect((await stat(file)).mode & 0o777).toBe(0o600)

  const authenticator = credsAuthenticator(await readFile(file))
  const connection = await connect({ servers: server.url, authenticator })
  onTestFinished(() => connection.close())
  await expect(connection.request('$SRV.PING')).rejects.toThrow(/no responders/)
  await expect(connection.request('rq.essai.kernel.stock.announce')).rejects.toThrow(/permission/i)
})

test.each([[['keys', 'creds']], [['keys', 'creds', 'stock', '--operator']]])(
  '%j does not say whose credentials: nothing is written',
  async (words) => {
    const { code, stderr } = await runCli(words)
    expect(code).toBe(2)
    expect(stderr).toContain('`recyclique keys creds --operator`')
  },
)
