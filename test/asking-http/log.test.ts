import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Kernel, openKernel } from '../../kernel/kernel.ts'
import { readSettings } from '../../kernel/settings.ts'
import { until } from '../support/wait.ts'
import { failing, nobody, on, silent } from './on.ts'

/** A kernel whose whole log is read. */
let kernel: Kernel
let dataDir: string
const lines: string[] = []
const logged = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>)

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'recyclique-log-'))
  const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) })
  kernel = await openKernel(readSettings({ RECYCLIQUE_DATA: dataDir, RECYCLIQUE_PORT: '0' }), log, () => {})
})
afterAll(async () => {
  await kernel.close()
  await rm(dataDir, { recursive: true, force: true })
})

test('a module that comes later hears that the kernel is up, and its words stand in the log', async () => {
  const asked = await on(kernel, 'kernel.started', 'greeter', () => '12 labels are loaded')
  expect(asked).toEqual([
    { site: 'centre', program: expect.any(String), api: '0.1.0', startedAt: expect.stringMatching(/^20.*Z$/) },
  ])
  const line = await until(() => logged().find(({ msg }) => msg === '12 labels are loaded'))
  expect(line).toMatchObject({ hook: 'kernel.started' })
  await nobody(kernel)
})

test('a module that is slow to hear of the start holds up no request', async () => {
  const coming = on(kernel, 'kernel.started', 'sleepy', silent, { timeoutMs: 500 })
  expect((await fetch(`${kernel.url}/v1/registers`)).status).toBe(200)
  await coming
  await nobody(kernel)
})

test('what guards note of a request stands in the log with it', async () => {
  await on(kernel, 'http.request', 'guard', () => ({ patch: { notes: { tablet: 'blue' } } }))
  const { headers } = await fetch(`${kernel.url}/v1/registers?limit=1`)
  expect(logged()).toContainEqual(
    expect.objectContaining({
      ...{ requestId: headers.get('x-request-id'), method: 'GET', path: '/v1/registers', notes: { tablet: 'blue' } },
    }),
  )
  await nobody(kernel)
})

test('credentials stand in no line of the log, whether they are known, refused or could not be looked at', async () => {
  const authorization = 'Bearer very-secret-token'
  for (const answer of [() => ({ actor: 'manager', roles: [] }), () => null, failing]) {
    await on(kernel, 'auth.authenticate', 'people', answer)
    await fetch(`${kernel.url}/v1/registers`, { headers: { authorization } })
    await nobody(kernel)
  }
  expect(lines.join('')).toContain('the list is empty')
  expect(lines.join('')).not.toContain('very-secret')
})
