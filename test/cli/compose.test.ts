import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { isTested } from '../../cli/nats/version.ts'
import { findNatsServer, startNatsServer } from '../../cli/nats-server.ts'
import { findModules } from '../../cli/up/find-modules.ts'

/** What no engine is needed for. `docker compose` itself runs in test/containers, where there is one. */
const ROOT = join(import.meta.dirname, '..', '..')

type Service = {
  image?: string
  command: string[]
  user?: string
  read_only?: boolean
  cap_drop?: string[]
  environment?: Record<string, string>
  depends_on?: Record<string, { condition: string }>
  healthcheck?: { test: unknown[] }
  networks?: string[]
  network_mode?: string
  ports?: string[]
  volumes: string[]
}
type Compose = { services: Record<string, Service>; volumes: object; networks: Record<string, { internal?: boolean }> }

const compose = parse(readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8'), { merge: true }) as Compose
const services = Object.entries(compose.services)
const modules = await findModules(undefined)
/** The keys of a service that the compose specification knows, of those that we use. */
const KNOWN =
  'image build read_only tmpfs cap_drop security_opt init restart stop_grace_period network_mode command environment volumes user depends_on healthcheck networks ports'

test('every key of a service is one of the specification', () => {
  for (const [, service] of services) expect(KNOWN.split(' ')).toEqual(expect.arrayContaining(Object.keys(service)))
})

test('whoever is waited for is there, and has a health check where health is waited for', () => {
  for (const [, { depends_on: waits = {} }] of services)
    for (const [name, { condition }] of Object.entries(waits)) {
      expect(['service_started', 'service_healthy', 'service_completed_successfully']).toContain(condition)
      expect(compose.services[name]).toBeDefined()
      if (condition === 'service_healthy') expect(compose.services[name]?.healthcheck).toBeDefined()
    }
})

test('a health check is a list of words: YAML takes a colon and a space for a map', () => {
  const checked = services.filter(([name]) => name !== 'keys')
  for (const [, { healthcheck }] of checked) {
    expect(healthcheck?.test[0]).toBe('CMD')
    expect(healthcheck?.test.every((word) => typeof word === 'string')).toBe(true)
  }
})

test('every script of a health check is JavaScript', () => {
  for (const [, { healthcheck }] of services) {
    if (healthcheck?.test[1] !== 'node') continue
    expect(spawnSync(process.execPath, ['--check', '-'], { input: String(healthcheck.test[3]) }).status).toBe(0)
  }
})

test('every volume is declared, and every script is there', () => {
  for (const [, { volumes, command }] of services) {
    for (const volume of volumes) expect(Object.keys(compose.volumes)).toContain(volume.split(':')[0])
    for (const word of command.filter((one) => one.endsWith('.ts'))) expect(existsSync(join(ROOT, word))).toBe(true)
  }
})

test('every variable is one that the code reads', () => {
  const code = ['kernel', 'modules', 'contracts'].map(sourceIn).join('\n')
  for (const [, { environment = {} }] of services)
    for (const name of Object.keys(environment)) expect(code).toContain(name)
})

test('each module has a service, and its credentials are seen by nobody else', () => {
  for (const { name } of modules) {
    expect(compose.services[name]?.command).toEqual(['node', `modules/${name}/main.ts`])
    const volume = `${name}-credentials`
    const seenBy = services.filter(([, { volumes }]) => volumes.some((one) => one.startsWith(`${volume}:`)))
    expect(seenBy.map(([who]) => who).sort()).toEqual(['keys', name].sort())
    expect(compose.services[name]?.volumes).toContain(`${volume}:/credentials:ro`)
    expect(compose.services[name]?.environment).toMatchObject({ RECYCLIQUE_CREDS: `/credentials/${name}.creds` })
  }
})

test('the seeds are seen by the kernel and by the keys alone', () => {
  const seenBy = services.filter(([, { volumes }]) => volumes.some((volume) => volume.startsWith('keys:')))
  expect(seenBy.map(([who]) => who).sort()).toEqual(['kernel', 'keys'])
})

test('nobody writes into their image, nobody has capabilities, and only this machine reaches the port', () => {
  for (const [, { read_only: isReadOnly, cap_drop: dropped }] of services) {
    expect(isReadOnly).toBe(true)
    expect(dropped).toEqual(['ALL'])
  }
  expect(services.flatMap(([, { ports = [] }]) => ports)).toEqual([expect.stringMatching(/^127\.0\.0\.1:/)])
  expect(compose.networks.bus?.internal).toBe(true)
})

test('the server is one that we test with, and neither it nor the image runs as root', () => {
  const [, version = ''] = /^nats:([\d.]+)/.exec(compose.services.nats?.image ?? '') ?? []
  expect(isTested(`${version}.0`)).toBe(true)
  expect(compose.services.nats?.user).toBe('1000:1000')
  expect(readFileSync(join(ROOT, 'Dockerfile'), 'utf8')).toMatch(/\nUSER node\n/)
})

test('what `keys` writes starts the server, and is where the others look', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'recyclique-compose-'))
  try {
    const there = (text: string) => text.replace(/(=|^)\//, `$1${folder}/`).replace(/-port=\d+$/, '-port=-1')
    const [, ...args] = (compose.services.keys?.command ?? []).map(there)
    const env = { ...process.env, RECYCLIQUE_KEYS: join(folder, 'keys'), RECYCLIQUE_SITE: 'centre' }
    const ran = spawnSync(process.execPath, args, { cwd: ROOT, env, encoding: 'utf8' })
    expect(ran.stderr).toBe('')

    const [, config = ''] = compose.services.nats?.command ?? []
    const { path } = await findNatsServer({ env: process.env, say: () => {} })
    const server = await startNatsServer({ path, configFile: join(folder, config) })
    await server.stop()
    for (const { name } of modules) expect(readdirSync(join(folder, 'credentials', name))).toEqual([`${name}.creds`])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

function sourceIn(folder: string): string {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.includes('node_modules'))
    .map((file) => readFileSync(join(ROOT, folder, file), 'utf8'))
    .join('\n')
}
