import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { factsNamed } from '../integration/centre.ts'
import { listen } from '../integration/live-line.ts'
import { type KernelProcess, startKernelProcess } from '../support/kernel-process.ts'
import { startTestServer, type TestServer } from '../support/nats.ts'
import { until } from '../support/wait.ts'
import { type Child, moduleEnv, startChild } from './child.ts'

// A module that tells, in a process of its own, while kernels and server die under it.

vi.setConfig({ testTimeout: 60_000 })

const HOW_MANY = 300

let server: TestServer
let kernel: KernelProcess
let labels: Child | undefined

beforeEach(async () => {
  server = await startTestServer({ site: 'essai' })
  kernel = await startKernelProcess({
    nats: server.url,
    env: { RECYCLIQUE_KEYS: server.keyring.folder, RECYCLIQUE_SITE: 'essai' },
  })
})
afterEach(async () => {
  labels?.process.kill('SIGKILL')
  await labels?.ended
  await kernel.done()
  await server.stop()
})

const startLabels = async (instance: string): Promise<Child> => {
  const environment = await moduleEnv(server, 'labels', instance)
  labels = startChild('test/modules/telling-module.ts', { ...environment, HOW_MANY: String(HOW_MANY) })
  return labels
}
const printed = () => factsNamed(kernel.dataDir, 'labels.printed')
const isAllTold = (line: string) => line === 'all told'

const expectEachOnce = async () => {
  const kept = printed()
  expect(kept.map(({ data }) => data.label).sort((a, b) => a - b)).toEqual(
    Array.from({ length: HOW_MANY }, (_, n) => n + 1),
  )
  expect(kept.map(({ seq }) => seq)).toEqual(kept.map((_, at) => at + 1))
  expect((await kernel.api('POST', '/v1/ledger/verify')).body).toMatchObject({ ok: true, found: 0 })
}

test('kernels that are killed and a server that goes away: each fact is kept once, where the module was told', async () => {
  const module = await startLabels('labels-1')
  for (const share of [50, 100, 150]) {
    await module.lines.first((line) => line.startsWith(`told ${share} `))
    await kernel.kill9()
    await kernel.restart()
  }
  await module.lines.first((line) => line.startsWith('told 200 '))
  await server.restart()
  await module.lines.first(isAllTold)

  await expectEachOnce()
  const answered = module.lines.got.filter((line) => /^told \d/.test(line)).sort()
  expect(answered).toEqual(
    printed()
      .map(({ data, position, seq }) => `told ${data.label} ${position} ${seq}`)
      .sort(),
  )
})

test('a module that is killed and begins again from the first one tells nothing twice', async () => {
  const first = await startLabels('labels-1')
  await first.lines.first((line) => line.startsWith('told 100 '))
  first.process.kill('SIGKILL')
  await first.ended
  const second = await startLabels('labels-2')
  await second.lines.first(isAllTold)

  await expectEachOnce()
})

test('what a module tells is on the live line, between everything else', async () => {
  const line = await listen(kernel.url, 0)
  const module = await startLabels('labels-1')
  await module.lines.first(isAllTold)
  const last = printed().at(-1)?.position ?? 0
  const events = (await line.upTo(last)).filter(({ event }) => event === 'labels.printed')
  line.close()

  expect(events).toHaveLength(HOW_MANY)
  expect(events[0]?.data).toMatchObject({ journal: 'module-labels', seq: 1, actor: 'module.labels', version: 1 })
  await until(async () => (await kernel.api('GET', '/readyz')).body.relay.behind === 0)
})
