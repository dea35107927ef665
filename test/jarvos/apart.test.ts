import { readFileSync } from 'node:fs'
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { apiOf, envFor } from '../conformance/live/centre.ts'
import { type Child, moduleEnv, startChild } from '../modules/child.ts'
import { IS_LONG } from '../support/check.ts'
import { type KernelProcess, startKernelProcess } from '../support/kernel-process.ts'
import { startTestServer, type TestServer } from '../support/nats.ts'
import { until } from '../support/wait.ts'
import { confirmationIn, connect, factsOf, setUp, textOf } from './support.ts'

// The kernel, the module and the assistant's bridge, each a process of its own; one centre for all tests.

let server: TestServer
let kernel: KernelProcess
let environment: Record<string, string>
let jarvos: Child
let url: string

const api = apiOf(() => kernel.url)

const start = async (port: number): Promise<void> => {
  const config = JSON.stringify({ port, callsPerMinute: 6_000, sessions: 200 })
  jarvos = startChild('modules/jarvos/main.ts', { ...environment, RECYCLIQUE_MODULE_CONFIG: config })
  const line = await jarvos.lines.first((one) => one.includes('assistants are welcome'))
  url = /"url":"([^"]+)"/.exec(line)?.[1] ?? ''
}

beforeAll(async () => {
  server = await startTestServer()
  kernel = await startKernelProcess({ env: envFor(server) })
  environment = await moduleEnv(server, 'jarvos', '')
  await setUp(api)
  await start(0)
}, 60_000)
afterAll(async () => {
  jarvos.process.kill('SIGKILL')
  await kernel.done()
  await server.stop()
})

const tokenFor = async (token: string, tools: string): Promise<string> => {
  const { body } = await api.api('POST', '/v1/modules/jarvos/commands/token-add', { args: { token, tools } })
  return /rqj_\S+/.exec(body.text)?.[0] ?? ''
}

/** An assistant that starts the bridge, and whose client asks its person. */
const throughStdio = async (token: string, asked: string[], isModern = false) => {
  const client = new Client(
    { name: 'assistant', version: '1.0.0' },
    {
      capabilities: { elicitation: {} },
      ...(isModern ? { versionNegotiation: { mode: { pin: '2026-07-28' } } } : {}),
    },
  )
  client.setRequestHandler('elicitation/create', async ({ params }) => {
    asked.push(params.message)
    return { action: 'accept', content: { confirmed: true } }
  })
  const env = { PATH: process.env.PATH ?? '', RECYCLIQUE_JARVOS_URL: url, RECYCLIQUE_JARVOS_TOKEN: token }
  await client.connect(new StdioClientTransport({ command: process.execPath, args: ['modules/jarvos/stdio.ts'], env }))
  return client
}

test('over stdio an assistant lists tools, reads today’s figures and records one weighing after a yes: the session of the README', {
  timeout: 60_000,
}, async () => {
  const token = await tokenFor('claude', 'read,record-weighing')
  const asked: string[] = []
  const client = await throughStdio(token, asked)
  const { tools } = await client.listTools()
  const lines = [`→ tools/list\n← ${tools.map(({ name }) => name).join(', ')}`]
  const use = async (name: string, args: object) => {
    const text = textOf(await client.callTool({ name, arguments: args as Record<string, unknown> }))
    const question = asked.splice(0).map((one) => `  ? ${one}\n  ! oui\n`)
    lines.push(`→ ${name} ${JSON.stringify(args)}\n${question.join('')}← ${plain(text)}`)
  }
  await use('search-categories', { words: 'livre' })
  await use('todays-figures', {})
  await use('record-weighing', { categoryId: 'livres', kilos: 12.5 })
  await use('todays-figures', {})
  await client.close()
  expect(readFileSync('modules/jarvos/README.md', 'utf8')).toContain(`\`\`\`\n${lines.join('\n')}\n\`\`\``)
})

/** What is another one each time: days and ids. */
const plain = (text: string): string =>
  text
    .replaceAll(/\d{4}-\d\d-\d\d/g, 'YYYY-MM-DD')
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '…')
    .replace(/"position":\d+/, '"position":…')

const KILLS = IS_LONG ? 20 : 3

/** What stands in the ledger when it is killed: from the middle of things to their beginning and their end. */
const MOMENTS = ['jarvos.call.begun', 'deposit.opened', 'matter.logged', 'deposit.closed', 'nothing'] as const

test('killed again and again while weighings are confirmed, it records each once', {
  timeout: 30_000 + KILLS * 15_000,
}, async () => {
  const token = await tokenFor('killed', 'record-weighing')
  const port = Number(new URL(url).port)
  const before = (await factsOf(api)).length
  const wanted = Array.from({ length: KILLS }, (_, n) => 1_000 + n)
  for (const [n, grams] of wanted.entries()) {
    const since = (await factsOf(api)).length
    const client = await connect(url, token)
    const args = { categoryId: 'livres', kilos: grams / 1_000 }
    const confirmation = confirmationIn(textOf(await client.callTool({ name: 'record-weighing', arguments: args })))
    void confirmed(client, confirmation).catch(() => {})
    const moment = MOMENTS[n % MOMENTS.length]
    if (moment !== 'nothing')
      await until(async () => (await factsOf(api)).slice(since).some(({ name }) => name === moment))
    await killAndStart(port)
    await client.close()
    // Nobody knows what became of it: the same again. Not begun when it died, it can only be asked for anew.
    const again = await connect(url, token)
    const text = await confirmed(again, confirmation)
    const answer = text.includes('no such confirmation')
      ? await confirmed(
          again,
          confirmationIn(textOf(await again.callTool({ name: 'record-weighing', arguments: args }))),
        )
      : text
    expect(JSON.parse(answer)).toMatchObject({ netGrams: grams, isClosed: true })
    await again.close()
  }
  const facts = (await factsOf(api)).slice(before)
  const count = (wantedName: string) => facts.filter(({ name }) => name === wantedName).length
  const weighed = facts.filter(({ name }) => name === 'matter.logged')
  expect(weighed.map(({ data }) => data.netGrams)).toEqual(wanted)
  expect([count('deposit.opened'), count('deposit.closed'), count('jarvos.call.begun')]).toEqual([KILLS, KILLS, KILLS])
})

test('a module that dies in the middle of its tool is no riddle: the answer says what is known, and it is not asked twice', async () => {
  const client = await connect(url, await tokenFor('printing', 'read,printer_*'))
  const use = async (name: string, args = {}) => await client.callTool({ name, arguments: args })
  const looking = await startPrinter()
  const looked = await use('printer_look')
  expect(looked).toMatchObject({ isError: true })
  expect(textOf(looked)).toMatch(/printer/)
  await looking.ended

  const printing = await startPrinter()
  const confirmation = confirmationIn(textOf(await use('printer_print')))
  const printed = await use('confirm', { confirmation })
  expect(printed).toMatchObject({ isError: true })
  expect(textOf(printed)).toMatch(/printer.*Nobody knows whether it was done: look before you ask for it again/)
  await printing.ended

  const another = await startPrinter()
  const again = textOf(await use('confirm', { confirmation }))
  expect(again).toMatch(/It was begun at .*nobody knows whether it was done\. Look before you ask for it again/)
  expect(another.lines.got).not.toContain('it begins')
  another.process.kill('SIGTERM')
  await another.ended
})

const startPrinter = async (): Promise<Child> => {
  const child = startChild('test/jarvos/dying-module.ts', await moduleEnv(server, 'printer', ''))
  await child.lines.first((one) => one.includes('"admitted"'))
  return child
}

test('a kernel that dies in the middle of a weighing records it once when it is back, and until then the assistant reads that it is away', {
  timeout: 60_000,
}, async () => {
  const token = await tokenFor('patient', 'record-weighing')
  const client = await connect(url, token)
  const since = (await factsOf(api)).length
  const args = { categoryId: 'livres', kilos: 4.321 }
  const confirmation = confirmationIn(textOf(await client.callTool({ name: 'record-weighing', arguments: args })))
  const first = confirmed(client, confirmation)
  await until(async () => (await factsOf(api)).slice(since).some(({ name }) => name === 'deposit.opened'))
  await kernel.kill9()
  await expect(client.listTools()).rejects.toThrow(/The kernel is away: try again a little later/)
  await kernel.restart()
  expect(JSON.parse(await first)).toMatchObject({ netGrams: 4_321, isClosed: true })
  expect(await confirmed(client, confirmation)).toBe(await first)
  const facts = (await factsOf(api)).slice(since).map(({ name }) => name)
  for (const name of ['jarvos.call.begun', 'deposit.opened', 'matter.logged', 'deposit.closed'])
    expect(facts.filter((one) => one === name)).toEqual([name])
})

const confirmed = async (client: Client, confirmation: string): Promise<string> =>
  textOf(await client.callTool({ name: 'confirm', arguments: { confirmation } }))

const killAndStart = async (port: number): Promise<void> => {
  jarvos.process.kill('SIGKILL')
  await jarvos.ended
  await start(port)
}

test('over stdio the newer revision is served as well, and trouble is said in the protocol', {
  timeout: 60_000,
}, async () => {
  const client = await throughStdio(await tokenFor('modern', 'read'), [], true)
  expect((await client.listTools()).tools.map(({ name }) => name)).toContain('report')
  const { contents } = await client.readResource({ uri: 'recyclique://reports/today.md' })
  expect((contents[0] as { text: string }).text).toMatch(/^# Chiffres du/)
  await expect(client.readResource({ uri: 'recyclique://reports/secrets.md' })).rejects.toThrow(/no resource/)
  await client.close()
  await expect(throughStdio('rqj_wrong', [])).rejects.toThrow()
})
