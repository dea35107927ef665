import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { type Manifest, PriceSuggest, subjectsOf } from '@recyclique/contracts'
import { type CommandHandler, defineModule, HookFailure, json, type Module, startModule } from '@recyclique/sdk'
import { pino } from 'pino'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { openCentre } from '../conformance/live/centre.ts'

type Centre = Awaited<ReturnType<typeof openCentre>>
let centre: Centre
beforeEach(async () => {
  centre = await openCentre()
})

const manifestOf = (more: Partial<Manifest>): Manifest => ({
  name: 'labels',
  version: '1.0.0',
  description: 'A module of the tests.',
  kernel: '^0.1.0',
  protocol: { min: 1, max: 1 },
  ...more,
})

const run = async (module: Module) => {
  const { name } = module.manifest
  const { creds } = await centre.server.addModule(name)
  const settings = { servers: [centre.server.url], site: 'essai', instance: `${name}-1`, creds }
  const running = startModule({ module, settings, log: pino({ level: 'silent' }) })
  onTestFinished(async () => void (await running.stop()))
  await centre.are('active', name)
}

const sheet = {
  name: 'sheet',
  description: 'prints a sheet',
  args: [{ name: 'of' }, { name: 'from', isOptional: true }],
  options: [{ name: 'dry-run' }],
}
const command = (name: string, args: object) => centre.api('POST', `/v1/modules/labels/commands/${name}`, { args })
const tool = (name: string, input: object) => centre.api('POST', `/v1/modules/labels/tools/${name}`, { input })

test('a command runs in the module, for whom typed it, and its words come back', async () => {
  const handle: CommandHandler = ({ of, from = 'the first' }, { actor }) => `${actor}: ${of} from ${from}`
  await run(defineModule(manifestOf({ commands: [sheet] })).command('sheet', handle))
  expect(await centre.get('/v1/commands')).toEqual({ items: [{ module: 'labels', ...sheet }] })
  expect(await command('sheet', { of: 'chairs' })).toEqual({
    status: 200,
    body: { text: 'manager: chairs from the first' },
  })
  expect(await command('sheet', { of: 'chairs', from: '7' })).toMatchObject({
    body: { text: 'manager: chairs from 7' },
  })
  expect(await command('sheet', { of: 'chairs', 'dry-run': 'true' })).toMatchObject({ status: 200 })
  expect(await command('sheet', {})).toMatchObject({ status: 400, body: { field: '/args/of' } })
  expect(await command('sheet', { of: 'a', to: 'b' })).toMatchObject({ status: 400, body: { field: '/args/to' } })
  expect(await command('other', {})).toMatchObject({ status: 404, body: { code: 'command-unknown' } })
  expect(await centre.api('POST', '/v1/modules/nobody/commands/sheet', { args: {} })).toMatchObject({
    ...{ status: 404, body: { code: 'module-unknown' } },
  })
})

test('a command that breaks is the module’s failure, and one that is refused is its refusal', async () => {
  const handle: CommandHandler = ({ of }) => {
    if (of === 'chairs') throw new Error('the printer is out of labels')
    throw new HookFailure('denied', 'not-today', 'no sheets on Mondays')
  }
  await run(defineModule(manifestOf({ commands: [sheet] })).command('sheet', handle))
  expect(await command('sheet', { of: 'chairs' })).toMatchObject({
    status: 502,
    body: { code: 'module-failed', module: 'labels', detail: expect.stringContaining('the printer is out of labels') },
  })
  expect(await command('sheet', { of: 'tables' })).toMatchObject({
    ...{ status: 422, body: { code: 'module-refused', module: 'labels', detail: 'no sheets on Mondays' } },
  })
})

test('the hand lists the commands of the modules at work, and runs them', async () => {
  await run(defineModule(manifestOf({ commands: [sheet] })).command('sheet', ({ of }) => `a sheet of ${of}`))
  const type = (...words: string[]) =>
    promisify(execFile)(process.execPath, ['cli/main.ts', ...words], {
      env: { ...process.env, RECYCLIQUE_URL: centre.url },
    })
  expect((await type('--help')).stdout).toMatch(/labels +commands of the module labels/)
  expect((await type('labels', 'sheet', 'chairs')).stdout).toBe('a sheet of chairs\n')
  await expect(type('labels', 'sheet')).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/argument 'of'/),
  })
})

test('a command hands over a file, which is written where its person stands and over nothing', async () => {
  const file = { name: 'sheet.txt', data: Buffer.from('chairs, 4 €').toString('base64') }
  const handle = ({ of }: Readonly<Record<string, string>>) =>
    of === 'hidden'
      ? { text: '', files: [{ ...file, name: '../sheet.txt' }] }
      : { text: 'for the printer', files: [file] }
  await run(defineModule(manifestOf({ commands: [sheet] })).command('sheet', handle))
  const cwd = await mkdtemp(join(tmpdir(), 'recyclique-files-'))
  const type = (of: string) =>
    promisify(execFile)(process.execPath, [resolve('cli/main.ts'), 'labels', 'sheet', of], {
      cwd,
      env: { ...process.env, RECYCLIQUE_URL: centre.url },
    })
  expect((await type('chairs')).stdout).toMatch(/^written: .*sheet.txt\nfor the printer\n$/)
  await writeFile(join(cwd, 'sheet.txt'), 'mine')
  expect((await type('chairs')).stdout).toMatch(/sheet-2.txt/)
  expect(await readFile(join(cwd, 'sheet.txt'), 'utf8')).toBe('mine')
  expect(await readFile(join(cwd, 'sheet-2.txt'), 'utf8')).toBe('chairs, 4 €')
  await expect(type('hidden')).rejects.toMatchObject({ stderr: expect.stringMatching(/without a folder/) })
  expect((await readdir(cwd)).sort()).toEqual(['sheet-2.txt', 'sheet.txt'])
  await rm(cwd, { recursive: true })
})

test('a tool is used by its handler, by a route or by a hook, and its input is checked before', async () => {
  const input = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'], additionalProperties: false }
  const tools: Manifest['tools'] = [
    { name: 'double', description: 'doubles a number', input, isReadOnly: true },
    { name: 'shown', description: 'what the route shows', input, route: 'GET /shown' },
    { name: 'price', description: 'the price of a category', input: { type: 'object' }, hook: 'price.suggest' },
  ]
  await run(
    defineModule(manifestOf({ tools, routes: [{ method: 'GET', path: '/shown' }] }))
      .tool('double', ({ n }: { n: number }) => ({ twice: 2 * n }))
      .route('GET', '/shown', ({ query }) => json({ shown: query.n })),
  )
  expect(await centre.get('/v1/tools')).toEqual({ items: tools.map((one) => ({ module: 'labels', ...one })) })
  expect(await tool('double', { n: 4 })).toEqual({ status: 200, body: { answer: { twice: 8 } } })
  expect(await tool('double', { n: 'x' })).toMatchObject({ status: 400, body: { field: '/input/n' } })
  expect(await tool('shown', { n: 3 })).toMatchObject({ body: { answer: { shown: '3' } } })
  expect(await tool('price', { categoryId: 'none' })).toMatchObject({ status: expect.any(Number) })
  expect(await tool('other', {})).toMatchObject({ status: 404, body: { code: 'tool-unknown' } })
})

test('a tool that stands for a hook is asked by whoever uses it: the module needs no right to ask, hears nothing, and still may not ask', async () => {
  const { creds } = await centre.server.addModule('prices')
  const prices = defineModule({
    ...manifestOf({ answers: [{ hook: 'price.suggest', args: ['qty'] }] }),
    name: 'prices',
  })
  const running = startModule({
    module: prices.answer(PriceSuggest, ({ qty }) => ({ unitCents: 100 * qty })),
    settings: { servers: [centre.server.url], site: 'essai', instance: 'prices-1', creds },
    log: pino({ level: 'silent' }),
  })
  onTestFinished(async () => void (await running.stop()))
  await centre.are('active', 'prices')
  const tools = [{ name: 'price', description: 'a price', input: { type: 'object' }, hook: 'price.suggest' }]
  await run(defineModule(manifestOf({ tools })))
  const labels = await (await centre.server.module('labels')).connect('labels-spy')
  const heard: string[] = []
  labels.subscribe(subjectsOf('essai').moduleBranch('labels'), {
    callback: (_, { subject }) => void heard.push(subject),
  })
  await labels.flush()

  const asked = { registerId: 'till', categoryId: 'books', qty: 2 }
  expect(await tool('price', asked)).toEqual({ status: 200, body: { answer: { unitCents: 200 } } })

  expect(heard.filter((subject) => !subject.includes('.control.'))).toEqual([])
  const own = subjectsOf('essai').toKernel('labels', 'ask', 'price.suggest')
  await expect(labels.request(own, JSON.stringify({ args: asked }))).rejects.toThrow(/no responders/)
})

test('a module uses the API as itself, as far as its manifest says, and nobody else can say that he is it', async () => {
  const api = ['GET /v1/categories', 'GET /v1/ledger/*', 'PUT /v1/categories/*']
  const module = defineModule(manifestOf({ permissions: { api } }))
  await run(module)
  const category = {
    shortName: 'Livres',
    officialName: 'Livres',
    eee: 'none',
    shownAtSale: true,
    shownAtReception: true,
  }
  expect(await module.api('PUT', '/v1/categories/livres', { body: category })).toMatchObject({ status: 200 })
  expect(await module.api('GET', '/v1/categories?limit=5')).toMatchObject({
    ...{ status: 200, body: { items: [{ id: 'livres' }] } },
  })
  expect(await module.api('PUT', '/v1/categories/x', { body: {} })).toMatchObject({ status: 400 })
  await expect(module.api('GET', '/v1/registers')).rejects.toMatchObject({ code: 'not-declared' })
  for (const path of ['/v1/categories/../registers', '/v1/ledger/%2e%2e/registers', '/v1/ledger//x'])
    await expect(module.api('GET', path)).rejects.toMatchObject({ code: 'malformed', field: '/path' })

  const rows = await centre.get('/v1/ledger?from=1')
  const actors = JSON.stringify(rows)
  expect(actors).toContain('module.labels')
  const forged = await fetch(`${centre.url}/v1/categories/forged`, {
    method: 'PUT',
    headers: { 'recyclique-inside': `${randomUUID()} labels`, 'content-type': 'application/json' },
    body: JSON.stringify(category),
  })
  expect(forged.status).toBe(401)
})

test('what the manifest lists and what the code does must be the same', async () => {
  const module = defineModule(manifestOf({ commands: [sheet] }))
  expect(() => module.command('other', () => '')).toThrow(/'other'.*not list it under 'commands'/)
  expect(() =>
    startModule({ module, settings: { servers: [], site: 'x', instance: 'y' }, log: pino({ level: 'silent' }) }),
  ).toThrow(/lists the command 'sheet'/)
})
