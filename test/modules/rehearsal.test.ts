import { rmSync, writeFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Manifest, PostChanged, PriceSuggest, SaleValidate, toFactLine } from '@recyclique/contracts'
import { DeadLetter, defineModule, HookFailure, json, openOnceStore } from '@recyclique/sdk'
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

const WORKING: Partial<Manifest> = {
  hears: [],
  keeps: true,
  commands: [
    {
      name: 'rename',
      description: 'renames a post',
      args: [{ name: 'id' }, { name: 'to', isOptional: true }],
      options: [{ name: 'print' }],
    },
  ],
  tools: [
    {
      name: 'find',
      description: 'finds a post',
      input: { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] },
    },
    { name: 'show', description: 'shows posts', route: 'GET /shown' },
  ],
  routes: [{ method: 'GET', path: '/shown' }],
  jobs: [{ name: 'remind' }, { name: 'nightly', cron: '30 3 * * *', timeoutMs: 50 }],
  permissions: { api: ['GET /v1/posts/*'] },
}

const working = () => {
  const begun = defineModule(manifestOf(WORKING))
  const ran: unknown[] = []
  const module = begun
    .command('rename', async ({ id, to = 'Quai', print }, { actor }) => {
      if (print) return { text: 'printed', files: [{ name: `${id}.txt`, data: 'UXVhaQ==' }] }
      if (id === 'none') throw new HookFailure('denied', 'post-unknown', 'Ce quai n’existe pas.')
      await begun.kv.put(`name/${id}`, to)
      await begun.schedule.at('remind', new Date('2026-12-01T08:00:00Z'), { id: `remind-${id}`, data: { id } })
      return `${id} is ${to}, says ${actor}`
    })
    .tool('find', async ({ id }: { id: string }) => {
      const kept = await begun.kv.get(`name/${id}`)
      const { status, body } = await begun.api('GET', `/v1/posts/${id}`)
      return { kept: kept?.value ?? null, status, body }
    })
    .job('remind', async (data, { id, dueAt, attempt }) => {
      ran.push({ data, id, dueAt: dueAt.toISOString(), attempt })
      if (attempt === 1) throw new Error('nobody is there yet')
    })
    .job('nightly', () => new Promise(() => {}))
    .route('GET', '/shown', ({ query }) => json({ query }))
  return { module, ran }
}

test('a command is given the words that the manifest lists, and what it keeps and sets is there afterwards', async () => {
  const room = rehearse(working().module, { api: () => ({ status: 200, body: { name: 'Porte' } }) })
  expect(await room.command('rename', { id: 'porte' }, { actor: 'manager' })).toBe('porte is Quai, says manager')
  expect(await room.tool('find', { id: 'porte' })).toEqual({ kept: 'Quai', status: 200, body: { name: 'Porte' } })
  await expect(room.command('rename', { id: 'none' })).rejects.toMatchObject({ kind: 'denied', code: 'post-unknown' })
  await expect(room.command('rename')).rejects.toMatchObject({ kind: 'invalid', message: '/args/id is missing' })
  await expect(room.command('rename', { id: 'a', by: 'b' })).rejects.toThrow('/args/by is not known here')
  expect(await room.command('rename', { id: 'a', print: 'true' })).toMatchObject({ files: [{ name: 'a.txt' }] })
  await expect(room.command('rename', { id: '../a', print: 'true' })).rejects.toMatchObject({ code: 'result-invalid' })
  await expect(room.command('renamed')).rejects.toThrow("the manifest lists no 'renamed' under 'commands'")
})

test('a tool is given input that fits, and one that stands for a route asks that route', async () => {
  const room = rehearse(working().module)
  await expect(room.tool('find', { id: 7 })).rejects.toMatchObject({ kind: 'invalid', code: 'argument-invalid' })
  expect(await room.tool('show', {})).toEqual({ query: {} })
})

test('what the manifest does not let it call is refused, and an API that the test does not play is not there', async () => {
  const begun = defineModule(manifestOf({ hears: [], permissions: { api: ['GET /v1/posts/*'] } }))
  const room = rehearse(begun)
  expect(room.scheduled).toEqual([])
  await expect(begun.api('POST', '/v1/posts/quai', { body: {}, key: 'a' })).rejects.toMatchObject({
    code: 'not-declared',
  })
  await expect(begun.api('GET', '/v1/posts/quai')).rejects.toThrow("say 'api' in the test")
  await expect(begun.kv.put('a', 1)).rejects.toMatchObject({ code: 'not-declared' })
  await expect(begun.schedule.cancel('a')).rejects.toMatchObject({ code: 'not-declared' })
})

test('a job runs when the test says so: it is set still where it failed, and gone where it went well', async () => {
  const { module, ran } = working()
  const room = rehearse(module)
  await room.command('rename', { id: 'porte' })
  const ids = () => room.scheduled.map(({ id, attempts }) => [id, attempts])
  expect(ids()).toEqual([
    ['manifest:nightly', 0],
    ['remind-porte', 0],
  ])
  await expect(room.job('remind', { id: 'remind-porte' })).rejects.toThrow('nobody is there yet')
  expect(ids()).toContainEqual(['remind-porte', 1])
  await room.job('remind', { id: 'remind-porte' })
  expect(ids()).toEqual([['manifest:nightly', 0]])
  const run = { data: { id: 'porte' }, id: 'remind-porte', dueAt: '2026-12-01T08:00:00.000Z' }
  expect(ran).toEqual([
    { ...run, attempt: 1 },
    { ...run, attempt: 2 },
  ])
  await expect(room.job('nightly')).rejects.toMatchObject({ kind: 'timeout' })
  expect(room.scheduled[0]).toMatchObject({ attempts: 1, lastError: 'no answer from posts in time' })
})
