import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { findNatsServer, startNatsServer } from '../../cli/nats-server.ts'
import { openBus } from '../../kernel/bus/nats.ts'
import { type Bus, BusAway } from '../../kernel/bus/port.ts'
import { isUnderFloor } from '../../kernel/bus/version.ts'
import { kernelCredentials } from '../../kernel/keys/credentials.ts'
import { startTestServer } from '../support/nats.ts'
import { until } from '../support/wait.ts'

const log = { info: () => {}, warn: () => {} }
const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

const open = (parts: { url: string; creds?: string }): Bus => {
  const bus = openBus({ site: 'essai', log, ...parts })
  closers.push(() => bus.close())
  return bus
}

test('a bus that is not there holds up nothing: it says so, and every question fails at once', async () => {
  const bus = open({ url: 'nats://127.0.0.1:1' })
  expect(bus.state.is).toBe('away')
  await expect(bus.stream.end()).rejects.toThrow(BusAway)
  await expect(bus.ask('x', '', { withinMs: 5_000, headers: {} })).rejects.toThrow(BusAway)
  bus.say('x', 'to nobody')
})

test('what was served before the bus was there is served when it comes, and again when it comes back', async () => {
  const server = await startTestServer()
  closers.push(() => server.stop())
  await server.kill()
  const bus = open({ url: server.url, creds: kernelCredentials(server.keyring).creds })
  bus.serve('greet', ({ text }) => `hello ${text}`)
  const states: string[] = []
  bus.onStatus(({ is }) => states.push(is))

  for (let turn = 0; turn < 2; turn += 1) {
    await server.restart()
    await until(() => bus.isConnected)
    expect(await bus.ask('greet', 'you', { withinMs: 2_000, headers: {} })).toBe('hello you')
    await server.kill()
    await until(() => !bus.isConnected)
  }
  expect(states.filter((one) => one === 'connected').length).toBe(2)
})

test('what is under way when the bus goes fails then, and does not wait for its deadline', async () => {
  const server = await startTestServer()
  closers.push(() => server.stop())
  const bus = open({ url: server.url, creds: kernelCredentials(server.keyring).creds })
  await until(() => bus.isConnected)
  bus.serve('silence', () => undefined)
  const failed = expect(bus.ask('silence', '', { withinMs: 20_000, headers: {} })).rejects.toThrow(BusAway)
  await server.kill()
  await failed
})

test('nobody there and no answer in time are told apart', async () => {
  const server = await startTestServer()
  closers.push(() => server.stop())
  const bus = open({ url: server.url, creds: kernelCredentials(server.keyring).creds })
  await until(() => bus.isConnected)
  expect(bus.state).toMatchObject({ is: 'connected', reduced: false })
  bus.serve('silence', () => undefined)
  await expect(bus.ask('nowhere', '', { withinMs: 1_000, headers: {} })).rejects.toMatchObject({ how: 'nobody' })
  await expect(bus.ask('silence', '', { withinMs: 50, headers: {} })).rejects.toMatchObject({ how: 'too-late' })
})

test('a server that knows none of our keys is a reduced mode, and keeps facts all the same', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'recyclique-plain-'))
  const configFile = join(folder, 'nats.conf')
  await writeFile(
    configFile,
    `listen: "127.0.0.1:-1"\njetstream { store_dir: ${JSON.stringify(join(folder, 'js'))} }\n`,
  )
  const { path } = await findNatsServer({ env: process.env, say: () => {} })
  const server = await startNatsServer({ path, configFile })
  closers.push(async () => {
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  })
  const bus = open({ url: server.url })
  await until(() => bus.isConnected)
  expect(bus.state).toMatchObject({ is: 'connected', reduced: true })
  await bus.stream.make()
  expect(await bus.stream.end()).toEqual({ sequence: 0, hash: '' })
})

test('a server under the floor is named, and not used', async () => {
  const server = await oldServer('2.9.10')
  const bus = open({ url: `nats://127.0.0.1:${(server.address() as { port: number }).port}` })
  await until(() => bus.state.is === 'too-old')
  expect(bus.state).toMatchObject({ why: expect.stringMatching(/2\.9\.10 is under 2\.10\.23/) })
  await expect(bus.stream.end()).rejects.toThrow(BusAway)
})

test('versions are compared by number', () => {
  expect(['2.9.10', '2.10.22', '1.99.99', ''].map(isUnderFloor)).toEqual([true, true, true, true])
  expect(['2.10.23', '2.10.27', '2.11.0', '2.15.1-beta.1', '3.0.0'].map(isUnderFloor)).toEqual(Array(5).fill(false))
})

/** As much of a server as a client needs to connect. */
const oldServer = async (version: string): Promise<Server> => {
  const server = createServer((socket) => {
    const info = {
      server_id: 'old',
      version,
      proto: 1,
      headers: true,
      max_payload: 1_048_576,
      host: '127.0.0.1',
      port: 0,
    }
    socket.write(`INFO ${JSON.stringify(info)}\r\n`)
    socket.on('data', (data) => {
      if (data.includes('PING')) socket.write('PONG\r\n')
    })
    socket.on('error', () => {})
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => new Promise((resolve) => server.close(resolve)))
  return server
}
