import { afterEach, beforeEach, expect, test } from 'vitest'
import { explain } from '../../cli/installed/explain.ts'
import { withNotes } from '../../cli/up/notes.ts'
import { renderTree } from '../../cli/up/tree.ts'
import { type KernelProcess, startKernelProcess } from '../support/kernel-process.ts'
import { startTestServer, type TestServer } from '../support/nats.ts'
import { until } from '../support/wait.ts'
import { manifestOf, playModule } from './module-on-wire.ts'

let server: TestServer
let kernel: KernelProcess
const start = async (env: Record<string, string> = {}) => {
  kernel = await startKernelProcess({
    env: { ...env, RECYCLIQUE_SITE: 'essai', NATS_URL: server.url, RECYCLIQUE_KEYS: `${server.folder}/keys` },
  })
  await until(async () => (await kernel.api('GET', '/readyz')).body.relay?.state !== 'away')
}
beforeEach(async () => {
  server = await startTestServer()
})
afterEach(async () => {
  await kernel.done()
  await server.stop()
})

const play = async (name: string, more: object) => {
  const manifest = manifestOf(name, { hears: [], ...more })
  return playModule(await server.addModule(name), `${name}-1`, manifest)
}
const NOTE =
  'It answers \'labels.chose\', a question that nobody declares here, and is never asked it: look at the name, or add the module that brings it; "isOptional": true in the manifest says that it may be so.'

test('who answers a question that nobody declares works, and it is said of it; who says that it may be so is left alone', async () => {
  await start()
  await (await play('stickers', { answers: [{ hook: 'labels.chose' }, { hook: 'sale.validate' }] })).announce()
  await (await play('quiet', { answers: [{ hook: 'labels.chose', isOptional: true }] })).announce()

  const view = async (name: string) => (await kernel.api('GET', `/v1/modules/${name}`)).body
  expect(await view('stickers')).toMatchObject({ state: 'active', reasons: [], notes: [NOTE] })
  expect(await view('quiet')).not.toHaveProperty('notes')
  const explained = explain({ name: 'stickers', view: await view('stickers'), isRunning: true, line: undefined })
  expect(explained).toEqual([
    'stickers 1.0.0 is at work.',
    '',
    'Although it works:',
    `  - ${NOTE}`,
    ...explained.slice(4),
  ])

  const args = { type: 'object', properties: {} }
  const specs = [{ name: 'labels.chose', version: 1, mode: 'first', args, answer: args, deadlineMs: 200 }]
  await (await play('labels', { specs })).announce()
  expect(await view('stickers')).not.toHaveProperty('notes')
})

test('the tree of the start has it below the module', () => {
  const rows = [{ label: 'stickers 1.0.0', ms: 20 }, { label: 'till 1.0.0' }]
  const tree = renderTree({ label: 'modules', below: withNotes(rows, new Map([['stickers', ['It answers nobody.']]])) })
  expect(tree.split('\n').map((line) => line.replace(/ +/g, ' '))).toEqual([
    'modules',
    '├─ stickers 1.0.0 20 ms',
    '│ └─ ! It answers nobody.',
    '└─ till 1.0.0',
  ])
})

test('where the operator wants it so, the start fails for it', async () => {
  await start({ RECYCLIQUE_PENDING_HOOKS: 'fail', RECYCLIQUE_REQUIRED_WITHIN_MS: '5000' })
  await (await play('stickers', { answers: [{ hook: 'labels.chose' }] })).announce()
  const isOver = () =>
    kernel.api('GET', '/healthz').then(
      () => false,
      () => true,
    )
  await until(isOver, 20_000)

  expect(await kernel.stop()).toBe(69)
  expect(kernel.log()).toContain('modules answer questions that nobody declares')
  expect(kernel.log()).toContain("stickers: It answers 'labels.chose'")
})
