import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DeadLetterView } from '@recyclique/contracts'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Kernel, openKernel } from '../../kernel/kernel.ts'
import { readSettings } from '../../kernel/settings.ts'
import { startTestServer, type TestServer } from '../support/nats.ts'
import { until } from '../support/wait.ts'
import { type Child, moduleEnv, startChild } from './child.ts'

// The whole way: the kernel with its ledger, the bus, modules in processes of their own that die, and the operator's commands.

let server: TestServer
let dataDir: string
let kernel: Kernel
let children: Child[]

const startKernel = async () => {
  const settings = readSettings({
    ...{ RECYCLIQUE_DATA: dataDir, RECYCLIQUE_PORT: '0', RECYCLIQUE_SITE: 'essai', LOG_LEVEL: 'silent' },
    ...{ RECYCLIQUE_KEYS: server.keyring.folder, NATS_URL: server.url },
  })
  kernel = await openKernel(settings, pino({ level: 'silent' }), (error) => {
    throw error
  })
  await until(() => kernel.busState() === 'connected')
}

beforeEach(async () => {
  children = []
  dataDir = await mkdtemp(join(tmpdir(), 'recyclique-dead-'))
  server = await startTestServer()
  await startKernel()
})
afterEach(async () => {
  for (const { process } of children) process.kill('SIGKILL')
  await Promise.all(children.map(({ ended }) => ended))
  await kernel.close()
  await server.stop()
  await rm(dataDir, { recursive: true, force: true })
})

const addPosts = async (...names: string[]) => {
  for (const name of names) {
    const answer = await fetch(`${kernel.url}/v1/posts/${name.toLowerCase()}`, {
      method: 'PUT',
      headers: { 'recyclique-actor': 'manager', 'content-type': 'application/json', 'idempotency-key': randomUUID() },
      body: JSON.stringify({ name }),
    })
    if (!answer.ok) throw new Error(await answer.text())
  }
}

const letters = async (query = ''): Promise<DeadLetterView[]> =>
  ((await (await fetch(`${kernel.url}/v1/dead-letters${query}`)).json()) as { items: DeadLetterView[] }).items

const recyclique = (...words: string[]) =>
  new Promise<{ code: number; out: string; err: string }>((resolve) => {
    const args = [join(import.meta.dirname, '../../cli/main.ts'), ...words, '--url', kernel.url]
    execFile(process.execPath, args, (error, out, err) => resolve({ code: Number(error?.code ?? 0), out, err }))
  })

const play = (env: Record<string, string>): Child => {
  const child = startChild('test/modules/deadly-module.ts', env)
  children.push(child)
  return child
}

/** Starts the module again as long as it dies, as a supervisor does; gives the one that lives, and how often it died. */
const keepAlive = async (env: Record<string, string>, isDone: (child: Child) => Promise<unknown>) => {
  for (let deaths = 0; ; deaths += 1) {
    const child = play({ ...env, RECYCLIQUE_INSTANCE: `stock-${children.length}` })
    const end = await Promise.race([child.ended, isDone(child).then(() => undefined)])
    if (end === undefined) return { child, deaths }
    if (end !== 'SIGKILL') throw new Error(`it ended with ${end}: ${child.complaints()}`)
  }
}

const took = (name: string) => (child: Child) => child.lines.first((line) => line === `took ${name}`)

test.for(['a store of its own', 'no store'])(
  'with %s: a fact with which its process dies each time goes to the dead letters, and those behind it come',
  { timeout: 60_000 },
  async (kind) => {
    const env = { ...(await moduleEnv(server, 'stock', '')), TEST_HAS_STORE: kind === 'no store' ? '0' : '1' }
    await addPosts('Quai', 'Poison', 'Cour')
    const { child, deaths } = await keepAlive(env, took('Cour'))

    // Whoever is started again within half a second comes before the kernel is sure that the one before is dead.
    expect(deaths).toBeGreaterThanOrEqual(5)
    expect(deaths).toBeLessThan(10)
    const [letter, ...others] = await letters()
    expect(others).toEqual([])
    expect(letter).toMatchObject({
      ...{
        module: 'stock',
        state: 'dead',
        attempts: expect.any(Number),
        error: expect.stringMatching(/^Its process ended each time/),
      },
      fact: { name: 'post.changed', data: { name: 'Poison' } },
    })

    // It lives on as if nothing had been, also where its store is asked again.
    child.process.kill('SIGTERM')
    expect(await child.ended).toBe(0)
    await addPosts('Etage')
    const next = play({ ...env, RECYCLIQUE_INSTANCE: 'stock-next' })
    await took('Etage')(next)
    expect(next.lines.got.filter((line) => line.startsWith('took '))).toEqual(['took Etage'])
    next.process.kill('SIGTERM')
    await next.ended

    // The mended version takes it when it is told to, once.
    const mended = play({ ...env, TEST_IS_MENDED: '1', RECYCLIQUE_INSTANCE: 'stock-mended' })
    await until(async () => (await moduleState()) === 'active')
    const { code, out } = await recyclique('dead', 'retry', 'stock', String(letter?.position))
    expect([code, out]).toEqual([0, `stock took it: post.changed at position ${letter?.position}.\n`])
    expect(mended.lines.got.filter((line) => line.startsWith('took '))).toEqual(['took again Poison'])
    expect((await recyclique('dead', 'retry', 'stock', String(letter?.position))).code).toBe(0)
    expect(mended.lines.got.filter((line) => line.startsWith('took '))).toEqual(['took again Poison'])
    expect((await letters('?state=retried'))[0]).toMatchObject({
      decided: { by: 'manager' },
      attempts: (letter?.attempts ?? 0) + 1,
    })
    expect(await letters()).toEqual([])
  },
)

const moduleState = async () =>
  ((await (await fetch(`${kernel.url}/v1/modules/stock`)).json()) as { state: string }).state

test('two processes that die of the same fact by turns: it goes to the dead letters as well', {
  timeout: 60_000,
}, async () => {
  const env = await moduleEnv(server, 'stock', '')
  await addPosts('Poison', 'Cour')
  const isTaken = Promise.withResolvers<void>()
  const replica = () =>
    keepAlive(env, (child) => Promise.race([took('Cour')(child).then(() => isTaken.resolve()), isTaken.promise]))
  const both = await Promise.all([replica(), replica()])

  const [letter, ...others] = await letters()
  expect(letter).toMatchObject({ state: 'dead', fact: { data: { name: 'Poison' } } })
  expect(others).toEqual([])
  const lines = children.flatMap(({ lines }) => lines.got.filter((line) => line.startsWith('took ')))
  expect(lines).toEqual(['took Cour'])
  expect(both.reduce((all, { deaths }) => all + deaths, 0)).toBeLessThanOrEqual(8)
})

test('an operator reads what is dead, why, and what to type; and lets it lie', { timeout: 60_000 }, async () => {
  const env = await moduleEnv(server, 'stock', '')
  expect((await recyclique('dead', 'list')).out).toBe('None: every module took its facts.\n')
  await addPosts('Poison', 'Cour')
  await keepAlive(env, took('Cour'))
  const position = (await letters())[0]?.position

  const list = await recyclique('dead', 'list', '--module', 'stock')
  expect(list.out).toMatch(new RegExp(`^stock +${position} post.changed .* tried 5×  Its process ended each time`))
  const page = await recyclique('dead', 'show', 'stock', String(position))
  expect(page.out).toContain('"name": "Poison"')
  expect(page.out).toContain(`recyclique dead retry stock ${position}\n`)
  expect((await recyclique('dead', 'show', 'stock', 'x')).code).toBe(2)
  expect((await recyclique('dead', 'discard', 'stock', String(position))).code).toBe(2)
  const gone = await recyclique('dead', 'discard', 'stock', String(position), '--reason', 'the post was a joke')

  expect(gone.out).toBe(`Discarded: post.changed at position ${position}. stock goes without it.\n`)
  expect((await recyclique('dead', 'list')).out).toBe('None: every module took its facts.\n')
  expect((await letters('?state=all'))[0]).toMatchObject({
    ...{ state: 'discarded', decided: { by: 'manager', reason: 'the post was a joke' } },
  })
})
