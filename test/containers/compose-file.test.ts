import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { expect, test } from 'vitest'
import { isTested } from '../../cli/nats/version.ts'
import { isStartable, surveyModules } from '../../cli/up/find-modules.ts'
import { commandOf, ROOT, readCompose, type Service } from './support/compose-file.ts'
import { readDockerfile } from './support/dockerfile.ts'

/** What no engine is needed for: see as-processes.test.ts for what the commands do, engine.test.ts for the engine itself. */
const compose = readCompose()
const services = Object.entries(compose.services)
const { there: modules } = await surveyModules({})
const isOurs = ({ build }: Service) => build !== undefined

test('the file is one of the Compose Specification', () => {
  const { $schema: _, ...schema } = JSON.parse(readFileSync(join(ROOT, 'test/containers/compose-spec.json'), 'utf8'))
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true })
  const fits = ajv.compile(schema)
  fits(compose)
  expect(fits.errors ?? []).toEqual([])
  // A check that lets everything through would be none.
  expect(fits({ services: { kernel: { image: 'recyclique', comand: ['kernel'] } } })).toBe(false)
  expect(fits({ services: { kernel: { depends_on: { keys: { condition: 'service_done' } } } } })).toBe(false)
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

test('every volume is declared, and ours run the program with one of its commands', () => {
  const known = spawnSync(process.execPath, [join(ROOT, 'cli', 'main.ts'), '--help'], { encoding: 'utf8' }).stdout
  for (const [, service] of services) {
    for (const volume of service.volumes) expect(Object.keys(compose.volumes)).toContain(volume.split(':')[0])
    if (isOurs(service)) expect(known).toMatch(new RegExp(`^ +${service.command[0]} `, 'm'))
  }
})

test('every variable is one that the code reads', () => {
  const code = ['kernel', 'modules', 'contracts'].map(sourceIn).join('\n')
  for (const [, { environment = {} }] of services)
    for (const name of Object.keys(environment)) expect(code).toContain(name)
})

test('each module of ours has a service, and its credentials are seen by nobody else', () => {
  for (const { name } of modules) {
    const service = compose.services[name]
    expect(service && commandOf(service)).toEqual(['node', 'cli/main.ts', 'module', name])
    const volume = `${name}-credentials`
    const seenBy = services.filter(([, { volumes }]) => volumes.some((one) => one.startsWith(`${volume}:`)))
    expect(seenBy.map(([who]) => who).sort()).toEqual(['keys', name].sort())
    expect(compose.services[name]?.volumes).toContain(`${volume}:/credentials:ro`)
    expect(compose.services[name]?.environment).toMatchObject({ RECYCLIQUE_CREDS: `/credentials/${name}.creds` })
  }
})

test('a module that is opt-in stands behind a profile of its own name, and the others run without one', () => {
  for (const module of modules) {
    const isOptIn = isStartable(module) && module.manifest.isOptIn === true
    expect(compose.services[module.name]?.profiles ?? []).toEqual(isOptIn ? [module.name] : [])
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
  const ports = services.flatMap(([, { ports = [] }]) => ports)
  expect(ports.length).toBeGreaterThan(0)
  expect(ports.filter((one) => !one.startsWith('127.0.0.1:'))).toEqual([])
  expect(compose.networks.bus?.internal).toBe(true)
})

test('the server is one that we test with, and runs as the user to whom its configuration belongs', () => {
  const [, version = ''] = /^nats:([\d.]+)/.exec(compose.services.nats?.image ?? '') ?? []
  expect(isTested(`${version}.0`)).toBe(true)
  expect(compose.services.nats?.user).toBe('1000:1000')
})

test('the image is small and closed: two stages, no library for the work on it, no root, no shell before the program', () => {
  const { stages, entrypoint, command, user } = readDockerfile(ROOT)
  expect(stages.map(([from]) => from?.rest.split(' ')[0])).toEqual(['node:24-slim', 'node:24-slim'])
  const [build = [], last = []] = stages
  expect(build.some(({ rest }) => rest.includes('npm ci --omit=dev --ignore-scripts'))).toBe(true)
  // What the last stage does not take over stays behind with the first: npm's cache, the libraries that only the work needs.
  expect(last.filter(({ word }) => word === 'COPY').map(({ rest }) => rest)).toEqual(['--from=build /app /app'])
  expect(stages.flat().map(({ word }) => word)).not.toContain('ADD')
  expect(user).toBe('node')
  expect(last.findIndex(({ word }) => word === 'USER')).toBeGreaterThan(
    last.findLastIndex(({ word }) => word === 'RUN'),
  )
  expect([...entrypoint, ...command]).toEqual(['node', 'cli/main.ts', 'kernel'])
})

test('no secret comes into the image: neither data nor keys, nor what git holds', () => {
  const ignored = readFileSync(join(ROOT, '.dockerignore'), 'utf8').split('\n')
  expect(ignored).toEqual(expect.arrayContaining(['data', '.git', '**/node_modules']))
  const said = services.flatMap(([, { environment = {} }]) => Object.entries(environment))
  expect(said.filter(([name]) => /PASSWORD|TOKEN|SECRET|SEED/.test(name))).toEqual([])
})

function sourceIn(folder: string): string {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.includes('node_modules'))
    .map((file) => readFileSync(join(ROOT, folder, file), 'utf8'))
    .join('\n')
}
