import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Manifest, type PageAnswer, PageCall, parseJson, subjectsOf } from '@recyclique/contracts'
import { defineModule, json, type RunningModule, startModule } from '@recyclique/sdk'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Kernel, openKernel } from '../../kernel/kernel.ts'
import { readSettings } from '../../kernel/settings.ts'
import { type Bundle, listBundle } from '../../modules/sdk/list-bundle.ts'
import { manifestOf, playModule } from '../registry/module-on-wire.ts'
import { startTestServer, type TestServer } from '../support/nats.ts'
import { until } from '../support/wait.ts'

let server: TestServer
let folder: string
let kernel: Kernel
let running: RunningModule[]
const silent = pino({ level: 'silent' })

const startKernel = async (nats: string | undefined = server.url) => {
  const settings = readSettings({
    ...{ RECYCLIQUE_DATA: join(folder, 'data'), RECYCLIQUE_PORT: '0', RECYCLIQUE_SITE: 'essai' },
    ...{ RECYCLIQUE_KEYS: join(server.folder, 'keys'), NATS_URL: nats },
  })
  kernel = await openKernel(settings, silent, (error) => {
    throw error
  })
  if (nats !== '') await until(() => kernel.busState() === 'connected')
}
let round = 0
let name: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'recyclique-pages-'))
  await mkdir(join(folder, 'data', 'pages'), { recursive: true })
  server = await startTestServer()
  await startKernel()
})
beforeEach(() => {
  running = []
  round += 1
  name = `stock-${round}`
})
afterEach(() => Promise.all(running.map((one) => one.stop())))
afterAll(async () => {
  await kernel.close()
  await server.stop()
  await rm(folder, { recursive: true, force: true })
})

const PAGES: Manifest['pages'] = [
  { path: '/', title: 'Stock', icon: '/icon.svg' },
  { path: '/item', title: 'An item', nav: false },
]
const paged = (more: Partial<Manifest> = {}) => manifestOf(name, { hears: [], pages: PAGES, ...more })

const write = async (version: string, files: Record<string, string | Buffer>) => {
  const made = join(folder, name, version)
  // What one module has handed over is not asked of another: each test has content of its own.
  for (const [path, content] of Object.entries({ ...files, 'who.txt': name })) {
    await mkdir(join(made, path, '..'), { recursive: true })
    await writeFile(join(made, path), content)
  }
  return made
}
const FILES = {
  'index.html': '<h1>Stock</h1>',
  'assets/app-DkX9s2aB.js': 'go()',
  'icon.svg': '<svg/>',
  'help/index.html': 'help',
}

const run = async (bundle: string, more: Partial<Manifest> = {}) => {
  const module = defineModule(paged({ routes: [{ method: 'GET', path: '/figures' }], ...more }))
    .pages(bundle)
    .route('GET', '/figures', () => json({ pieces: 3 }))
  const { creds } = await server.addModule(name)
  const settings = { servers: [server.url], site: 'essai', instance: `${name}-${running.length}`, creds }
  const one = startModule({ module, settings, log: silent })
  running.push(one)
  return one
}

/** Each test has a module of its own. */
const named = (path: string) => path.replace(/^(\/m\/|\/v1\/modules\/)stock/, `$1${name}`)
/** As it is written: no client tidies the address up. */
const get = (address: string, headers: Record<string, string> = {}, method = 'GET') =>
  new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; text: string }>((resolve, reject) => {
    const { hostname: host, port } = new URL(kernel.url)
    const going = request(
      { host, port, method, path: named(address), headers: { 'recyclique-actor': 'manager', ...headers } },
      (answer) => {
        let text = ''
        answer.setEncoding('utf8').on('data', (part: string) => {
          text += part
        })
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }))
      },
    )
    going.on('error', reject).end()
  })
const shows = (text: string) => until(async () => (await get('/m/stock/')).text === text)
const listed = async () =>
  JSON.parse((await get('/v1/pages')).text).items.filter(({ module }: { module: string }) => module === name)
const onDisk = () => readdir(join(folder, 'data', 'pages'))
const view = async () => JSON.parse((await get('/v1/modules/stock')).text)
const send = async (method: string, path: string, body?: object) =>
  fetch(`${kernel.url}${named(path)}`, {
    method,
    headers: {
      'recyclique-actor': 'manager',
      'idempotency-key': crypto.randomUUID(),
      'content-type': 'application/json',
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })

test('a page is served from the kernel’s disk: with what a browser must know, and beside the module’s routes', async () => {
  await run(await write('v1', FILES))
  await shows('<h1>Stock</h1>')

  const page = await get('/m/stock/?x=1')
  expect(page.headers).toMatchObject({
    ...{ 'content-type': 'text/html; charset=utf-8', 'content-length': '14', 'cache-control': 'no-cache' },
    ...{ 'x-content-type-options': 'nosniff', etag: expect.stringMatching(/^"[0-9a-f]{32}"$/) },
  })
  expect(page.headers['content-security-policy']).toContain("script-src 'self' 'wasm-unsafe-eval'; style-src")
  const script = await get('/m/stock/assets/app-DkX9s2aB.js')
  expect(script.headers).toMatchObject({
    ...{ 'content-type': 'text/javascript; charset=utf-8', 'cache-control': 'public, max-age=31536000, immutable' },
  })
  const known = await get('/m/stock/', { 'if-none-match': String(page.headers.etag) })
  expect(known).toMatchObject({ status: 304, text: '', headers: { etag: page.headers.etag } })
  expect(await get('/m/stock/', {}, 'HEAD')).toMatchObject({
    status: 200,
    text: '',
    headers: { 'content-length': '14' },
  })
  expect(await get('/m/stock')).toMatchObject({ status: 302, headers: { location: `/m/${name}/` } })
  expect(await get('/m/stock/help?a=b')).toMatchObject({ status: 302, headers: { location: `/m/${name}/help/?a=b` } })
  expect(await get('/m/stock/help/')).toMatchObject({ status: 200, text: 'help' })
  // A page without a file of its own is the script's business, a route the module's.
  expect((await get('/m/stock/item')).text).toBe('<h1>Stock</h1>')
  expect((await get('/m/stock/figures')).text).toBe('{"pieces":3}')
  expect((await get('/m/stock/nothing')).status).toBe(404)
})

test('no way of writing an address leads anywhere else', async () => {
  const made = await write('v1', { ...FILES, 'Lower.txt': 'here' })
  await writeFile(join(folder, 'outside.txt'), 'SECRET')
  await writeFile(join(folder, 'data', 'pages', 'outside.txt'), 'SECRET')
  await run(made)
  await shows('<h1>Stock</h1>')

  for (const path of [
    ...[
      '../outside.txt',
      '..%2foutside.txt',
      '%2e%2e/outside.txt',
      '%2e%2e%2foutside.txt',
      'assets/../../../outside.txt',
    ],
    ...[
      '..%5coutside.txt',
      '....//outside.txt',
      '%2fetc/hostname',
      '/etc/hostname',
      'listing',
      '.',
      '..',
      '%00',
      'index.html%00.js',
    ],
    ...[
      'assets',
      'assets/',
      'lower.txt',
      'LOWER.TXT',
      'INDEX.HTML',
      'constructor',
      '__proto__',
      'index.html/',
      'assets//app-DkX9s2aB.js',
    ],
  ]) {
    const { status, text } = await get(`/m/stock/${path}`)
    expect([path, status < 500 ? status >= 300 : false, text.includes('SECRET')]).toEqual([path, true, false])
  }
  expect((await get('/m/stock/Lower.txt')).text).toBe('here')
})

test('an upgrade shows the new page in the place of the old one; who still has the old one open finds its scripts', async () => {
  await run(await write('v1', FILES))
  await shows('<h1>Stock</h1>')
  await run(await write('v2', { 'index.html': 'two', 'icon.svg': '<svg/>', 'assets/app-Zz9Yy8Xx.js': 'two()' }), {
    version: '1.1.0',
  })
  await shows('two')

  expect((await get('/m/stock/assets/app-Zz9Yy8Xx.js')).text).toBe('two()')
  expect((await get('/m/stock/assets/app-DkX9s2aB.js')).text).toBe('go()')
  expect((await get('/m/stock/help/')).status).toBe(404)
  await run(await write('v3', { 'index.html': 'three', 'icon.svg': '<svg/>' }), { version: '1.2.0' })
  await shows('three')

  expect((await get('/m/stock/assets/app-DkX9s2aB.js')).status).toBe(404)
  const hashOf = (version: string) => listBundle(join(folder, name, version)).claim.sha256
  await until(async () => !(await onDisk()).includes(hashOf('v1')))
  expect(await onDisk()).toEqual(expect.arrayContaining([hashOf('v2'), hashOf('v3')]))
})

test('an operator’s word takes the page away, and gives it back', async () => {
  await run(await write('v1', FILES))
  await shows('<h1>Stock</h1>')
  await send('POST', '/v1/modules/stock/block', {})

  expect((await get('/m/stock/')).status).toBe(503)
  expect(await listed()).toEqual([])
  await send('POST', '/v1/modules/stock/unblock')
  expect((await get('/m/stock/')).status).toBe(200)
})

test('files that were damaged on the disk are fetched again; until then the module is asked', async () => {
  const module = await run(await write('v1', { ...FILES, 'large.bin': Buffer.alloc(500_000, 'x') }))
  await shows('<h1>Stock</h1>')
  await module.stop()
  await kernel.close()
  const { claim, files } = listBundle(join(folder, name, 'v1'))
  await writeFile(join(folder, 'data', 'pages', claim.sha256, files.get('large.bin')?.sha256 ?? ''), 'y')
  await startKernel()

  expect((await get('/m/stock/')).status).toBe(404)
  await run(join(folder, name, 'v1'))
  await shows('<h1>Stock</h1>')
  expect((await get('/m/stock/large.bin')).text).toBe('x'.repeat(500_000))
})

let processes = 0
/** A module on the wire that hands over what `answer` says. */
const playPages = async (
  bundle: Bundle,
  answer: (call: PageCall) => PageAnswer | string,
  more: Partial<Manifest> = {},
) => {
  processes += 1
  const instance = `wire-${processes}`
  const played = await playModule(await server.addModule(name), instance, paged(more))
  const calls: PageCall[] = []
  played.connection.subscribe(subjectsOf('essai').toModule(name, instance, 'page'), {
    callback: (_, message) => {
      const call = parseJson(PageCall, message.string())
      calls.push(call)
      const said = answer(call)
      message.respond(typeof said === 'string' ? said : JSON.stringify(said))
    },
  })
  await played.connection.flush()
  await played.announce({ bundle: bundle.claim })
  return { ...played, calls }
}
const serving = (bundle: Bundle, data: string) => (call: PageCall) =>
  'listingFrom' in call.want ? { files: [...bundle.listing] } : { data: Buffer.from(data).toString('base64') }

const LIES: [string, (bundle: Bundle) => (call: PageCall) => PageAnswer | string, RegExp][] = [
  [
    'another listing',
    ({ listing }) =>
      () => ({ files: listing.map((one) => ({ ...one, path: `x${one.path}` })) }),
    /its listing is not the one that it announced/,
  ],
  ['no listing', () => () => ({ files: [] }), /its listing ends after 0 of 1 files/],
  [
    'a path that leads out',
    ({ listing }) =>
      () => ({ files: listing.map((one) => ({ ...one, path: `../${one.path}` })) }),
    /its answer/,
  ],
  [
    'other content',
    (bundle) => serving(bundle, 'x'.repeat(bundle.claim.bytes)),
    /index\.html is not what it was listed as: start the module again/,
  ],
  ['too much content', (bundle) => serving(bundle, 'far more than was listed'), /is longer than the \d+ bytes/],
  ['too little content', (bundle) => serving(bundle, ''), /ends after 0 of \d+ bytes/],
  ['words', () => () => ({ error: 'the folder is gone' }), /the module says: the folder is gone/],
  ['noise', () => () => 'noise', /its answer: the whole is not JSON/],
]

test('a bundle that is not what was announced is never shown, and the reasons say why', async () => {
  const made = await write('v1', {})
  await rm(join(made, 'who.txt'))
  await writeFile(join(made, 'index.html'), name)
  const bundle = listBundle(made)
  for (const [what, lie, words] of LIES) {
    const played = await playPages(bundle, lie(bundle), { pages: [{ path: '/', title: 'Stock' }] })
    const { state, reasons } = await until(async () => {
      const seen = await view()
      return words.test(seen.reasons.join()) && seen
    }).catch((error) => {
      throw new Error(`${what}: ${error.message}`)
    })
    expect([state, reasons.length]).toEqual(['degraded', 1])
    expect(reasons[0]).toMatch(/^Its pages are not shown: .*\.$/)
    expect(await listed()).toEqual([])
    expect((await onDisk()).filter((one) => one === bundle.claim.sha256 || one.startsWith('unfinished'))).toEqual([])
    // Announced once more it is not fetched once more.
    const asked = played.calls.length
    await played.announce({ bundle: bundle.claim })
    await played.announce({ bundle: bundle.claim })
    expect(played.calls.length).toBe(asked)
    await played.connection.close()
    await until(async () => (await view()).state === 'stopped')
  }
})

test('pages whose manifest promises more than the bundle holds are refused by name', async () => {
  const bundle = listBundle(await write('v1', { 'a.txt': name }))
  await playPages(bundle, serving(bundle, name), { pages: [{ path: '/stock', title: 'Stock' }] })

  expect(await until(async () => (await view()).reasons[0])).toBe(
    'Its pages are not shown: it lists the page /stock, and has neither a file nor a GET route for it.',
  )
})

test('without the module, without NATS and after a restart the page is there all the same', async () => {
  const module = await run(await write('v1', FILES))
  await shows('<h1>Stock</h1>')
  await until(async () => (await listed())[0]?.active)
  expect(await listed()).toEqual([
    {
      ...{ module: name, version: '1.0.0', path: '/', title: 'Stock', active: true },
      ...{ href: `/m/${name}/`, icon: `/m/${name}/icon.svg` },
    },
  ])
  await module.stop()
  expect((await get('/m/stock/')).status).toBe(200)
  await until(async () => (await listed())[0]?.active === false)
  await server.kill()
  expect((await get('/m/stock/icon.svg')).headers['content-type']).toBe('image/svg+xml')
  await kernel.close()
  await startKernel('')
  expect((await get('/m/stock/')).text).toBe('<h1>Stock</h1>')
  expect((await get('/m/stock/figures')).status).toBe(503)
})
