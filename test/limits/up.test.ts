import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Manifest } from '@recyclique/contracts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { apiAt } from '../../cli/api.ts'
import { openDesk } from '../../cli/installed/desk.ts'
import { readSource } from '../../cli/installed/obtain.ts'
import { canSeeProcesses } from '../cli/support/processes.ts'
import { runCli } from '../cli/support/run-cli.ts'
import { makeUps, type StartedUp, type Ups } from '../cli/support/up.ts'
import { manifestOf } from '../conformance/workshop-folders.ts'
import { until } from '../support/wait.ts'

const MAIN = `import { readFileSync } from 'node:fs'
import { Manifest, parseJson } from '@recyclique/contracts'
import { defineModule, json, openConfig, runModule } from '@recyclique/sdk'

const manifest = parseJson(Manifest, readFileSync(new URL('manifest.json', import.meta.url), 'utf8'), 'manifest.json')
const config = openConfig({ type: 'object', properties: { url: { type: 'string' } } } as never)
const fetched = async (url: string) => fetch(url).then(({ status }) => status, ({ cause }) => cause.message)
const hoard: Buffer[] = []

await runModule(
  defineModule(manifest)
    .configure(config)
    .route('GET', '/visit', async () => json({ seen: await fetched(String((config.current as { url?: string }).url)) }))
    .route('GET', '/pry', async () => json({ read: readFileSync('/etc/passwd', 'utf8') }))
    .route('GET', '/hoard', async () => {
      for (;;) {
        hoard.push(Buffer.alloc(16 * 2 ** 20, 1))
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
    }),
)
`

/** One installation that runs, in the order of what happens to it. */
describe.runIf(canSeeProcesses)('a module that was added is held to what it was granted', { timeout: 120_000 }, () => {
  let ups: Ups
  let up: StartedUp
  let url: string
  let server: Server
  let there: string

  beforeAll(async () => {
    server = createServer((_, response) => response.writeHead(204).end()).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    there = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    ups = await makeUps()
    const folder = join(ups.folder, 'sources', 'visitor')
    mkdirSync(folder, { recursive: true })
    const manifest: Manifest = manifestOf('visitor', {
      routes: ['/visit', '/pry', '/hoard'].map((path) => ({ method: 'GET', path })),
      permissions: { net: ['config:url'], memory: 224 },
      config: { type: 'object', properties: { url: { type: 'string' } } },
    })
    writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest))
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'visitor', version: '1.0.0', type: 'module' }))
    writeFileSync(join(folder, 'main.ts'), MAIN)
    await openDesk({ data: ups.folder, agree: async () => {} }).add(await readSource(folder))
    up = ups.up('--no-demo', '--modules', 'visitor')
    url = await up.url()
  }, 90_000)
  afterAll(async () => {
    server.close()
    await ups.clean()
  })

  const ask = async (path: string) =>
    (await fetch(`${url}/m/visitor${path}`)).json() as Promise<Record<string, unknown>>

  test('an address that is set while it runs is reached: it is started anew for it', async () => {
    await apiAt(url).patch('/v1/modules/visitor/config', { body: { config: { url: there } } })
    await up.line(/visitor: what it may have of this machine has changed; it is started anew/)
    await until(async () => (await ask('/visit')).seen === 204, 40_000)
  })

  test('a file that was not granted is not read, and the log says what to grant', async () => {
    expect((await fetch(`${url}/m/visitor/pry`)).status).toBe(500)
    await up.line(/refused: visitor may not read \/etc\/passwd.+recyclique modules grant visitor fs:read:\/etc\/passwd/)
  })

  test('what is taken from it makes it wait, in a process without it', async () => {
    const before = up.who('visitor-1.0.0').map(({ pid }) => pid)
    const { stdout } = await runCli(['modules', 'revoke', 'visitor', 'net:config:url', '--url', url])
    expect(stdout).toContain('Withheld: net:config:url.')
    await until(() => {
      const now = up.who('visitor-1.0.0').map(({ pid }) => pid)
      return now.length === 1 && !before.includes(now[0]!)
    }, 40_000)
    await apiAt(url).put('/v1/modules/visitor/grants', { body: { rights: ['net:config:url'] } })
    await until(async () => (await ask('/visit')).seen === 204, 40_000)
  })

  test('one that hoards is ended when it holds more than it may, and comes back', async () => {
    await fetch(`${url}/m/visitor/hoard`).catch(() => {})
    await up.line(/visitor wants more memory than the 224 MB that one of its processes may hold.+"memory: 448"/)
    await up.line(/visitor ended by SIGKILL: started again/)
    await until(async () => (await ask('/visit')).seen === 204, 40_000)
  })
})
