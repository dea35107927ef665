import { expect, onTestFinished, test } from 'vitest'
import { confirmationIn, connect, connectWithPerson, factsOf, openJarvos, textOf } from './support.ts'

const WEIGHING = { categoryId: 'livres', kilos: 12.5 }

test('an assistant lists the tools that its token may use, and reads today’s figures', async () => {
  const room = await openJarvos()
  onTestFinished(() => room.close())
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
  const room = await openJarvos()
  onTestFinished(() => room.close())
  const token = await room.token('claude', 'read,record-weighing')
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
  const weighed = (await factsOf(room.centre)).filter(({ name }) => name === 'matter.logged')
  expect(weighed.map(({ actor }) => actor)).toEqual(['module.jarvos/claude', 'module.jarvos/claude'])
  expect((await room.calls()).map(({ name, outcome }) => outcome ?? name)).toEqual([
    ...['asked', 'jarvos.call.begun', 'done'],
    ...['asked', 'jarvos.call.begun', 'done'],
  ])
})

test('without elicitation a second call confirms it, once', async () => {
  const room = await openJarvos()
  onTestFinished(() => room.close())
  const client = await connect(room.url, await room.token('claude', 'read,record-weighing'))
  const first = await client.callTool({ name: 'record-weighing', arguments: WEIGHING })
  expect(textOf(first)).toMatch(/Nothing is done yet[\s\S]*12,5 kg de Livres/)
  const confirmation = confirmationIn(textOf(first))
  const done = await client.callTool({ name: 'confirm', arguments: { confirmation } })
  expect(JSON.parse(textOf(done))).toMatchObject({ netGrams: 12_500 })
  const again = await client.callTool({ name: 'confirm', arguments: { confirmation } })
  expect(textOf(again)).toBe(textOf(done))
  expect((await factsOf(room.centre)).filter(({ name }) => name === 'matter.logged')).toHaveLength(1)
})
