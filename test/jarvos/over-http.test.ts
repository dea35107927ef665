import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { jarvos } from '../../modules/jarvos/module.ts'
import {
  type Centre,
  confirmationIn,
  connect,
  connectWithPerson,
  factsOf,
  type Jarvos,
  manifest,
  openCentre,
  openJarvos,
  startAs,
  textOf,
} from './support.ts'

let room: Jarvos
beforeAll(async () => {
  room = await openJarvos()
})
afterAll(() => room.close())

const WEIGHING = { categoryId: 'livres', kilos: 12.5 }

test('an assistant lists the tools that its token may use, and reads today’s figures', async () => {
  const token = await room.token('claude')
  for (const isModern of [false, true]) {
    const client = await connect(room.url, token, { isModern })
    const { tools } = await client.listTools()
    expect(tools.map(({ name }) => name)).toEqual(['search-categories', 'todays-figures', 'report', 'explain-module'])
    const result = await client.callTool({ name: 'todays-figures', arguments: {} })
    expect(JSON.parse(textOf(result))).toMatchObject({ takings: { netCents: 0 }, matter: { inGrams: 0 } })
    const found = await client.callTool({ name: 'search-categories', arguments: { words: 'electro' } })
    expect(JSON.parse(textOf(found))).toMatchObject({ found: 1, categories: [{ id: 'electro-menager' }] })
  }
})

test('a weighing is asked of a person and recorded once, under the assistant’s own name', async () => {
  const token = await room.token('asking', 'record-weighing,read')
  const [facts, calls] = [(await factsOf(room.centre)).length, (await room.calls()).length]
  for (const isModern of [false, true]) {
    const asked: string[] = []
    const say = (question: string) => {
      asked.push(question)
      return { action: 'accept', content: { confirmed: true } }
    }
    const client = await connectWithPerson(room.url, token, { say, isModern })
    expect((await client.listTools()).tools.map(({ name }) => name)).not.toContain('confirm')
    const result = await client.callTool({
      name: 'record-weighing',
      arguments: { ...WEIGHING, kilos: isModern ? 2 : 3 },
    })
    expect(JSON.parse(textOf(result))).toMatchObject({ netGrams: isModern ? 2000 : 3000, isClosed: true })
    expect(asked).toEqual([
      `Enregistrer une pesée de ${isModern ? '2,0' : '3,0'} kg de Livres pour le poste Quai, apport volontaire ?`,
    ])
  }
  const weighed = (await factsOf(room.centre)).slice(facts).filter(({ name }) => name === 'matter.logged')
  expect(weighed.map(({ actor }) => actor)).toEqual(['module.jarvos/asking', 'module.jarvos/asking'])
  expect((await room.calls()).slice(calls).map(({ name, outcome }) => outcome ?? name)).toEqual([
    ...['asked', 'jarvos.call.begun', 'done'],
    ...['asked', 'jarvos.call.begun', 'done'],
  ])
})

test('without elicitation a second call confirms it, once', async () => {
  const client = await connect(room.url, await room.token('two-step', 'read,record-weighing'))
  const since = (await factsOf(room.centre)).length
  const first = await client.callTool({ name: 'record-weighing', arguments: WEIGHING })
  expect(textOf(first)).toMatch(/Nothing is done yet[\s\S]*12,5 kg de Livres/)
  const confirmation = confirmationIn(textOf(first))
  const done = await client.callTool({ name: 'confirm', arguments: { confirmation } })
  expect(JSON.parse(textOf(done))).toMatchObject({ netGrams: 12_500 })
  const again = await client.callTool({ name: 'confirm', arguments: { confirmation } })
  expect(textOf(again)).toBe(textOf(done))
  const facts = (await factsOf(room.centre)).slice(since)
  expect(facts.filter(({ name }) => name === 'matter.logged')).toHaveLength(1)
})

test('without jarvos the centre works just the same: the same routes, the same answers, and no fact of jarvos', async () => {
  const centre = await openCentre()
  onTestFinished(() => centre.close())
  const before = await aDay(centre)
  expect((await factsOf(centre)).filter(({ name, actor }) => `${name} ${actor}`.includes('jarvos'))).toEqual([])
  const running = await startAs(centre, jarvos(manifest), { config: { port: 0 } })
  expect(await aDay(centre)).toEqual(before)
  await running.stop()
  const since = (await factsOf(centre)).length
  expect(await aDay(centre)).toEqual(before)
  expect((await factsOf(centre)).slice(since).filter(({ name }) => name.startsWith('jarvos.'))).toEqual([])
})

/** What somebody who uses the centre sees of a deposit: the routes there are, each answer, and the facts; without what is another one each time. */
const aDay = async (centre: Centre): Promise<string[]> => {
  const since = (await factsOf(centre)).length
  const seen: string[] = []
  const use = async (method: string, path: string, body?: object) => {
    const answer = await centre.api(method, path, body)
    seen.push(`${method} ${path} ${answer.status} ${JSON.stringify(answer.body)}`)
    return answer.body
  }
  await use('GET', '/openapi.json')
  await use('GET', '/v1/hooks/weigh.validate/plan')
  const { depositId } = await use('POST', '/v1/deposits', { postId: 'quai', origin: 'voluntary' })
  await use('POST', `/v1/deposits/${depositId}/lines`, { categoryId: 'livres', grossGrams: 1_500 })
  await use('POST', `/v1/deposits/${depositId}/lines`, { categoryId: 'nothing', grossGrams: 1 })
  await use('POST', `/v1/deposits/${depositId}/close`)
  await use('GET', '/v1/posts')
  const facts = (await factsOf(centre)).slice(since).map(({ name, actor }) => `${name} by ${actor}`)
  return [...seen, ...facts.filter((one) => !one.startsWith('module.changed'))].map((line) =>
    line
      .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{64}/g, '…')
      .replaceAll(/"(position|number)":\d+/g, '"$1":…')
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '…'),
  )
}
