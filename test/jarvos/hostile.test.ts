import { connect as dial } from 'node:net'
import { defineModule } from '@recyclique/sdk'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { levelsIn } from '../../modules/jarvos/request-body.ts'
import { until } from '../support/wait.ts'
import {
  confirmationIn,
  connect,
  connectWithPerson,
  factsOf,
  type Jarvos,
  openJarvos,
  startAs,
  textOf,
} from './support.ts'

const INITIALIZE = {
  ...{ jsonrpc: '2.0', id: 1, method: 'initialize' },
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'raw', version: '1' } },
}

const post = (url: string, token: string | undefined, body: unknown, headers: Record<string, string> = {}) =>
  fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })

/** A request as no fetch would send it: with another Host. */
const raw = (url: string, lines: string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = dial(Number(new URL(url).port), '127.0.0.1', () => socket.write(`${lines.join('\r\n')}\r\n\r\n`))
    let text = ''
    socket.on('data', (part) => {
      text += part.toString()
      if (text.includes('\r\n')) socket.destroy()
    })
    socket.on('close', () => resolve(text))
    socket.on('error', reject)
  })

describe('at the door', () => {
  let room: Jarvos
  let token: string
  beforeAll(async () => {
    room = await openJarvos({ sessions: 4, idleSeconds: 1 })
    token = await room.token('claude', 'read,record-weighing')
  })
  afterAll(() => room.close())

  test('nobody comes in without a token that an operator made', async () => {
    for (const wrong of [undefined, 'x', `rqj_${'a'.repeat(43)}`, `${token}x`]) {
      const answer = await post(room.url, wrong, INITIALIZE)
      expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="recyclique"'])
      expect(await answer.json()).toMatchObject({ error: { message: expect.stringContaining('token-add') } })
    }
    expect(room.log()).not.toContain(token)
  })

  test('a page in a browser does not reach it under another name', async () => {
    expect((await post(room.url, token, INITIALIZE, { origin: 'https://evil.example' })).status).toBe(403)
    expect(await raw(room.url, ['POST /mcp HTTP/1.1', 'Host: evil.example', 'Content-Length: 0'])).toMatch(/ 403 /)
    expect((await post(room.url, token, INITIALIZE, { origin: 'http://localhost:3000' })).status).toBe(200)
  })

  test.each([
    ['ten megabytes', 413, () => JSON.stringify({ ...INITIALIZE, more: 'x'.repeat(10_000_000) })],
    ['ten thousand levels', 400, () => `${'['.repeat(10_000)}${']'.repeat(10_000)}`],
    ['no JSON', 400, () => '{"jsonrpc"'],
    ['no message', 400, () => '"hello"'],
    ['nothing', 400, () => ''],
  ])('%s is refused, and the next one is served', async (_, status, body) => {
    const answer = await post(room.url, token, body()).catch(() => undefined)
    // Who is still sending when he is refused may see the end of the line instead of the answer.
    if (answer || status !== 413) expect(answer?.status).toBe(status)
    expect((await fetch(`${room.centre.url}/healthz`)).status).toBe(200)
    expect((await fetch(room.url, { method: 'PUT', headers: { authorization: `Bearer ${token}` } })).status).toBe(405)
  })

  test('another place, another kind of body and a session of somebody else are refused', async () => {
    expect((await post(room.url.replace('/mcp', '/'), token, INITIALIZE)).status).toBe(404)
    expect((await post(room.url, token, INITIALIZE, { 'content-type': 'text/plain' })).status).toBe(415)
    const client = await connect(room.url, token)
    const session = client.sent.sessionId ?? ''
    const other = await room.token('other')
    const list = { jsonrpc: '2.0', id: 2, method: 'tools/list' }
    expect((await post(room.url, other, list, { 'mcp-session-id': session })).status).toBe(404)
    expect((await post(room.url, token, list, { 'mcp-session-id': session })).status).toBe(200)
    expect((await post(room.url, token, list)).status).toBe(400)
    await client.sent.terminateSession()
    expect((await post(room.url, token, list, { 'mcp-session-id': session })).status).toBe(404)
  })

  test('one token has its share of the sessions, and those that nobody uses end', async () => {
    const answers = []
    for (let n = 0; n < 4; n += 1) answers.push((await post(room.url, token, INITIALIZE)).status)
    expect(answers).toContain(429)
    await until(async () => (await post(room.url, token, INITIALIZE)).status === 200, 15_000)
  })
})

describe('at the desk', () => {
  let room: Jarvos
  let token: string
  beforeAll(async () => {
    room = await openJarvos()
    token = await room.token('claude', 'read,record-weighing')
  })
  afterAll(() => room.close())

  test('a tool that is not there, and one that the token may not use, are refused alike', async () => {
    const reader = await connect(room.url, await room.token('reader'))
    for (const name of ['record-weighing', 'confirm', 'nothing', '__proto__', 'x; DROP TABLE', 'a'.repeat(5_000)]) {
      const call = reader.callTool({ name, arguments: { categoryId: 'livres', kilos: 1 } })
      if (name === 'confirm') expect(await call).toMatchObject({ isError: true })
      else await expect(call).rejects.toMatchObject({ code: -32602 })
    }
  })

  test.each([
    [{}, /\/categoryId/],
    [{ categoryId: 'livres', kilos: '12' }, /\/kilos/],
    [{ categoryId: 'livres', kilos: 12.0001 }, /three decimals/],
    [{ categoryId: 'livres', kilos: -1 }, /\/kilos/],
    [{ categoryId: 'livres/../x', kilos: 1 }, /\/categoryId/],
    [{ categoryId: 'nothing-such', kilos: 1 }, /nothing-such/],
    [{ categoryId: 'livres', kilos: 1, postId: 'nowhere' }, /nowhere/],
    [{ categoryId: 'livres', kilos: 1, constructor: 1 }, /constructor/],
  ])('arguments that do not fit are named, and nobody is asked: %j', async (args, words) => {
    const asked: string[] = []
    const say = (question: string) => {
      asked.push(question)
      return { action: 'accept', content: { confirmed: true } }
    }
    const client = await connectWithPerson(room.url, token, { say })
    const result = await client.callTool({ name: 'record-weighing', arguments: args })
    expect(result.isError).toBe(true)
    expect(textOf(result)).toMatch(words)
    expect(asked).toEqual([])
  })

  test('a no, an empty form and a closed window are no yes', async () => {
    const answers = [{ action: 'decline' }, { action: 'cancel' }, { action: 'accept', content: { confirmed: false } }]
    for (const isModern of [false, true])
      for (const answer of answers) {
        const client = await connectWithPerson(room.url, token, { say: () => answer, isModern })
        const result = await client.callTool({ name: 'record-weighing', arguments: { categoryId: 'livres', kilos: 7 } })
        expect(textOf(result)).toMatch(/did not agree/)
      }
    expect((await factsOf(room.centre)).filter(({ name }) => name === 'matter.logged')).toEqual([])
    expect((await room.calls()).at(-1)).toMatchObject({ outcome: 'declined', token: 'claude', tool: 'record-weighing' })
  })

  test('a confirmation is of one author, one session and a short time', async () => {
    const mine = await connect(room.url, token)
    const summary = await mine.callTool({ name: 'record-weighing', arguments: { categoryId: 'livres', kilos: 9 } })
    const confirmation = confirmationIn(textOf(summary))
    const sameAuthor = await connect(room.url, token)
    const other = await connect(room.url, await room.token('other', 'record-weighing'))
    for (const [client, given] of [
      [sameAuthor, confirmation],
      [other, confirmation],
      [mine, confirmation.replace(/./, (one) => (one === '0' ? '1' : '0'))],
      [mine, ''],
    ] as const) {
      const result = await client.callTool({ name: 'confirm', arguments: { confirmation: given } })
      expect(textOf(result)).toMatch(/no such confirmation/)
    }
    expect((await factsOf(room.centre)).filter(({ name }) => name === 'matter.logged')).toEqual([])
  })

  test('what an assistant writes into its arguments stands nowhere in the ledger', async () => {
    const client = await connect(room.url, token)
    await client.callTool({ name: 'search-categories', arguments: { words: 'Madame Dupont' } })
    expect(JSON.stringify(await factsOf(room.centre))).not.toContain('Dupont')
    expect((await room.calls()).at(-1)).toMatchObject({ tool: 'search-categories', outcome: 'done' })
  })

  test('a token that is revoked opens nothing from that moment, in sessions that are open as well', async () => {
    const shortLived = await room.token('visitor')
    const client = await connect(room.url, shortLived)
    await client.listTools()
    expect((await room.command('token-list', {})).text).toMatch(/^visitor {2}read/m)
    expect((await room.command('token-revoke', { token: 'visitor' })).text).toMatch(/revoked/)
    await expect(client.listTools()).rejects.toThrow()
    expect((await post(room.url, shortLived, INITIALIZE)).status).toBe(401)
    expect((await room.command('token-revoke', { token: 'visitor' })).text).toMatch(/no token 'visitor'/)
  })

  test('an operator who mistypes reads what to write', async () => {
    expect((await room.command('token-add', { token: 'A b' })).text).toMatch(/no name for a token/)
    expect((await room.command('token-add', { token: 'x', tools: 'read,DROP' })).text).toMatch(/'DROP' is no tool/)
    expect((await room.command('token-add', { token: 'claude' })).text).toMatch(/already/)
  })

  test('tools of modules come and go live, are passed on as they are, and their troubles are told', async () => {
    const client = await connect(room.url, await room.token('labels', 'read,labels_*'))
    const modern = await connect(room.url, await room.token('modern', 'read'), { isModern: true })
    let news = 0
    client.setNotificationHandler('notifications/tools/list_changed', () => {
      news += 1
    })
    let modernNews = 0
    modern.setNotificationHandler('notifications/tools/list_changed', () => {
      modernNews += 1
    })
    await modern.listen({ toolsListChanged: true })
    const names = async (of = client) => (await of.listTools()).tools.map(({ name }) => name)

    const input = {
      type: 'object',
      properties: { n: { type: 'integer' } },
      required: ['n'],
      additionalProperties: false,
    }
    const tools = [
      { name: 'print', description: 'prints labels', input },
      { name: 'huge', description: 'much', input, isReadOnly: true },
      { name: 'broken', description: 'breaks', input, isReadOnly: true },
    ]
    let printed = 0
    const labels = defineModule({
      ...{ name: 'labels', version: '1.0.0', description: 'A module of the tests.', kernel: '^0.1.0' },
      ...{ protocol: { min: 1, max: 1 }, tools },
    })
      .tool('print', ({ n }: { n: number }) => {
        printed += n
        return { printed }
      })
      .tool('huge', ({ n }: { n: number }) => 'x'.repeat(n))
      .tool('broken', () => {
        throw new Error('the printer is on fire')
      })
    const running = await startAs(room.centre, labels)
    onTestFinished(async () => void (await running.stop()))

    await until(() => news > 0)
    await until(() => modernNews > 0)
    const [print] = (await client.listTools()).tools.filter(({ name }) => name === 'labels_print')
    expect(print).toMatchObject({ inputSchema: input, annotations: { readOnlyHint: false } })
    expect(await names(modern)).toEqual(expect.arrayContaining(['labels_huge', 'labels_broken']))
    expect(await names(modern)).not.toContain('labels_print')

    const use = async (name: string, n: number) => client.callTool({ name: `labels_${name}`, arguments: { n } })
    expect(textOf(await use('huge', 60_000))).toMatch(/60000 characters, more than the 50000 .* ask for less/)
    expect(textOf(await use('huge', 2_000_000))).toMatch(/labels|bytes|large/)
    expect(textOf(await use('broken', 1))).toMatch(/the printer is on fire/)
    const summary = textOf(await use('print', 3))
    expect(summary).toMatch(/Exécuter « print » du module labels \?[\s\S]*- n : 3/)
    const confirmation = confirmationIn(summary)
    expect(textOf(await client.callTool({ name: 'confirm', arguments: { confirmation } }))).toBe('{"printed":3}')
    expect(textOf(await client.callTool({ name: 'confirm', arguments: { confirmation } }))).toBe('{"printed":3}')
    expect(printed).toBe(3)
    expect(textOf(await use('print', 3))).toMatch(/Attention : la même demande a déjà été faite/)

    const before = news
    await running.stop()
    await until(() => news > before)
    expect(await names()).not.toContain('labels_print')
    await expect(use('print', 1)).rejects.toMatchObject({ code: -32602 })
  })
})

test('a token makes as many calls a minute as are set, and no more', async () => {
  const room = await openJarvos({ callsPerMinute: 2 })
  onTestFinished(() => room.close())
  const client = await connect(room.url, await room.token('eager'))
  const texts = []
  for (let n = 0; n < 4; n += 1) texts.push(textOf(await client.callTool({ name: 'search-categories', arguments: {} })))
  expect(texts.filter((text) => /2 calls a minute/.test(text)).length).toBeGreaterThanOrEqual(1)
  expect((await room.calls()).length).toBeLessThan(4)
})

test('how deep a message is nested is seen without going down into it', () => {
  expect(levelsIn('{"a":[1,{"b":"[[[[\\"[["}]}')).toBe(3)
  expect(levelsIn('"just text"')).toBe(0)
})
