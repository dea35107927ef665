import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { apiAt } from '../../cli/api.ts'
import { openShell } from '../../cli/shell/open-shell.ts'
import { completePath, listed, type Route, routesIn } from '../../cli/shell/routes.ts'
import { type Kernel, openKernel } from '../../kernel/kernel.ts'
import { readSettings } from '../../kernel/settings.ts'

let kernel: Kernel
let routes: readonly Route[]
const dataDir = mkdtempSync(join(tmpdir(), 'recyclique-shell-'))
beforeAll(async () => {
  const settings = readSettings({ RECYCLIQUE_DATA: dataDir, RECYCLIQUE_PORT: '0' })
  kernel = await openKernel(settings, pino({ level: 'silent' }), () => {})
  routes = routesIn(await apiAt(kernel.url).get('/openapi.json'))
})
afterAll(async () => {
  await kernel.close()
  rmSync(dataDir, { recursive: true, force: true })
})

/** Types these lines, and gives all that was shown. */
const type = async (...lines: string[]) => {
  const [input, output] = [new PassThrough(), new PassThrough()]
  const shown = text(output)
  const ended = openShell({ url: kernel.url, actor: 'manager', routes, input, output, isTerminal: false })
  for (const line of lines) input.write(`${line}\n`)
  input.end()
  const failures = await ended
  output.end()
  return { shown: await shown, failures }
}

test('a line is carried out and its answer shown, without anybody waiting for it by hand', async () => {
  const { shown, failures } = await type(
    "api.put('/v1/registers/caisse-7', { name: 'Caisse 7' })",
    "const { items } = await api.get('/v1/registers')",
    'items.map(({ name }) => name)',
    "(await api.get('/metrics')).split('\\n').length > 10",
  )
  expect(shown).toContain("id: 'caisse-7'")
  expect(shown).toContain("'Caisse 7' ]")
  expect(shown.trimEnd().split('\n').at(-1)).toBe('true')
  expect(failures).toBe(0)
})

test('what the kernel refuses is shown in its words, and counted; so is a path that is none', async () => {
  const { shown, failures } = await type(
    "api.get('/v1/registers/none')",
    "api.post('/v1/sales', { totalCents: 1 })",
    'api.get(7)',
    'nobody.knows()',
    '1 + 1',
  )
  const [unknown, refused, noPath] = shown.split('\n')
  expect(unknown).toMatch(/^GET \/v1\/registers\/none: /)
  expect(refused).toMatch(/^POST \/v1\/sales: .*sessionId/)
  expect(noPath).toMatch(/^say a path that begins with '\/'.*and not 7$/)
  expect(shown).toMatch(/ReferenceError: nobody is not defined/)
  expect(shown).not.toMatch(/ at .*open-shell\.ts/)
  expect(shown.trimEnd().split('\n').at(-1)).toBe('2')
  expect(failures).toBe(4)
})

test('a line that goes on is waited for, and the prompt lists routes and changes who acts', async () => {
  const { shown, failures } = await type(
    "api.put('/v1/registers/caisse-8', {",
    "  name: 'Caisse 8',",
    '})',
    '.routes dead-letters',
    '.as nobody-here',
    "api.put('/v1/registers/caisse-8', { name: 'Caisse 8' })",
  )
  expect(shown).toContain("id: 'caisse-8'")
  expect(shown).toMatch(/GET +\/v1\/dead-letters/)
  expect(shown).toMatch(/nobody-here/)
  expect(failures).toBe(1)
})

const SOME: readonly Route[] = [
  ...['/v1/registers', '/v1/modules', '/v1/modules/{name}', '/v1/modules/{name}/config', '/v1/modules/{name}/jobs'].map(
    (path) => ({ method: 'GET', path, summary: 'modules' }),
  ),
  { method: 'PUT', path: '/v1/modules/{name}/config', summary: '' },
]

test.each([
  ["api.get('/v1/re", ['/v1/registers']],
  ["api.get('/v1/mod", ['/v1/modules', '/v1/modules/']],
  ["api.get('/v1/modules/paheko/", ['/v1/modules/paheko/config', '/v1/modules/paheko/jobs']],
  ["const a = await api.put('/v1/modules/paheko/c", ['/v1/modules/paheko/config']],
  ['api.get("/v2', []],
])('Tab behind %s proposes what the API has', (line, proposals) => {
  expect(completePath(SOME, line)?.[0]).toEqual(proposals)
})

test('where no path is being typed Tab is Node’s own', () => {
  for (const line of ['items.ma', "api.get('/v1/registers')", "fetch('/v1"])
    expect(completePath(SOME, line)).toBeUndefined()
})

test('a list of routes shows those with a word', () => {
  expect(listed(SOME, 'put')).toEqual(['PUT    /v1/modules/{name}/config'])
})
