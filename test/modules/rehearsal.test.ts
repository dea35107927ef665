import { rmSync, writeFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Manifest, PostChanged, PriceSuggest, SaleValidate, toFactLine } from '@recyclique/contracts'
import { DeadLetter, defineModule, openOnceStore } from '@recyclique/sdk'
import { rehearse } from '@recyclique/sdk/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'recyclique-rehearsal-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const manifestOf = (more: Partial<Manifest> = {}): Manifest => ({
  name: 'posts',
  version: '1.0.0',
  description: 'A module of the tests.',
  kernel: '^0.1.0',
  protocol: { min: 1, max: 1 },
  hears: ['post.changed'],
  ...more,
})

const post = (name: string) => ({ id: 'quai', name, archived: false })

const counting = () => {
  const store = openOnceStore(join(folder, 'posts.sqlite'), 'CREATE TABLE IF NOT EXISTS post (name TEXT)')
  const names = () =>
    store.db
      .prepare('SELECT name FROM post')
      .all()
      .map(({ name }) => name)
  const state = { isBroken: true }
  const module = defineModule(manifestOf())
    .keepIn(store)
    .hear(PostChanged, ({ data }, { once }) => {
      if (data.name === 'Broken' && state.isBroken) throw new DeadLetter('no such post')
      if (data.name === 'Late') throw new Error('not yet')
      once((db) => void db.prepare('INSERT INTO post VALUES (?)').run(data.name))
    })
  return { store, names, module, state }
}

test('a fact that comes twice has its effect once, and its position is kept with it', async () => {
  const { module, names, store } = counting()
  const room = rehearse(module)
  const fact = room.fact(PostChanged, post('Quai'))
  expect([await room.take(fact), await room.take(fact)]).toEqual([{ is: 'taken' }, { is: 'taken' }])
  expect([names(), store.position]).toEqual([['Quai'], 1])
  store.close()
})

test('what throws comes again, and in the end goes to the dead letters; a DeadLetter at once', async () => {
  const { module, store, names, state } = counting()
  const room = rehearse(module)
  await expect(room.hear(PostChanged, post('Broken'))).rejects.toThrow('no such post')
  const late = room.fact(PostChanged, post('Late'))
  const takings = []
  for (let tries = 0; tries < 9; tries += 1) takings.push((await room.take(late)).is)
  expect(takings).toEqual([...Array.from({ length: 8 }, () => 'again'), 'dead'])
  expect(room.dead.map(({ error }) => error.message)).toEqual(['no such post', 'not yet'])
  expect([store.position, names()]).toEqual([2, []])

  const { fact } = room.dead[0]!
  expect(await room.retry(fact)).toMatchObject({ ok: false, error: 'no such post' })
  state.isBroken = false
  expect([await room.retry(fact), await room.retry(fact), names()]).toEqual([{ ok: true }, { ok: true }, ['Broken']])
  store.close()
})

test('what the bus would not bring is not brought: other names, training, and a version that is too new', async () => {
  const room = rehearse(defineModule(manifestOf()).hear(PostChanged, () => {}))
  const fact = room.fact(PostChanged, post('Quai'))
  expect(await room.take({ ...fact, name: 'sale.recorded' })).toEqual({ is: 'unheard' })
  expect(await room.take({ ...fact, mode: 'training' })).toEqual({ is: 'unheard' })
  expect(await room.take({ ...fact, version: 9 })).toMatchObject({ is: 'again', error: { message: /upgrade it/ } })
  await expect(room.hear(PostChanged, post('Quai'), { mode: 'training' })).rejects.toThrow("see 'hears'")
  await expect(room.hear(PostChanged, { id: 'quai' } as never)).rejects.toThrow('/name is missing')
})

test('a recorded file names the line that is no fact', async () => {
  const room = rehearse(defineModule(manifestOf()).hear(PostChanged, () => {}))
  const file = join(folder, 'facts.jsonl')
  writeFileSync(file, `${toFactLine(room.fact(PostChanged, post('Quai')))}\n\n{"position": 2}\n`)
  await expect(room.replay(file)).rejects.toThrow(`${file}, line 3: `)
})

test('a module is asked with what its manifest lists, and asks others where the test says what they answer', async () => {
  const answers = [{ hook: 'price.suggest', args: ['categoryId'] }]
  const module = defineModule(manifestOf({ hears: [], answers, asks: ['sale.validate'] })).answer(
    PriceSuggest,
    async (given, { ask }) => {
      const verdicts = await ask(SaleValidate, {} as never)
      return { unitCents: verdicts.length, words: Object.keys(given).join() }
    },
  )
  const args = { registerId: 'caisse-1', categoryId: 'livres', qty: 1 }
  const room = rehearse(module, { asked: (hook) => [hook, hook] })
  expect(await room.ask(PriceSuggest, args)).toEqual({ unitCents: 2, words: 'categoryId' })
  await expect(rehearse(module).ask(PriceSuggest, args)).rejects.toMatchObject({ code: 'nobody-there' })
  await expect(room.ask(PriceSuggest, { ...args, qty: -1 })).rejects.toMatchObject({ code: 'argument-invalid' })
  await expect(room.wrap(PriceSuggest, args, () => null)).rejects.toThrow('lists no wrapper for price.suggest')
})

test('a rehearsal begins only where manifest and code say the same', () => {
  expect(() => rehearse(defineModule(manifestOf()))).toThrow("manifest.json lists 'post.changed' under 'hears'")
})
