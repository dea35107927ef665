import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { startFakePaheko } from '../paheko/fake/paheko.ts'
import { notRun, passed, play, troubles } from './play.ts'
import { goProgram, pythonWith } from './toolchains.ts'

const EXAMPLES = resolve(import.meta.dirname, '..', '..', 'examples')
const WHOLE = ['questions', 'facts', 'facts-again', 'facts-kept', 'routes', 'service']
const PATIENCE = { timeout: 300_000 }

test.concurrent('TypeScript without the SDK: sale-notices conforms', PATIENCE, async () => {
  const folder = join(EXAMPLES, 'sale-notices')
  const env = { RECYCLIQUE_MODULE_CONFIG: '{"fromCents":200}' }
  const report = await play(folder, [process.execPath, join(folder, 'main.ts')], { env })
  expect(troubles(report)).toEqual([])
  expect(passed(report)).toEqual(
    expect.arrayContaining(['wrappers', 'wrappers-error', 'facts', 'tells', 'tells-again', 'service']),
  )
})

test.concurrent('Python with nats-py: price-memory conforms', PATIENCE, async ({ skip }) => {
  const python = await pythonWith(join(EXAMPLES, 'price-memory', 'requirements.txt'))
  if ('missing' in python) return skip(notRun('examples/price-memory', python.missing))
  const report = await play(join(EXAMPLES, 'price-memory'), [python.path, join(EXAMPLES, 'price-memory', 'main.py')])
  expect(troubles(report)).toEqual([])
  expect(passed(report)).toEqual(expect.arrayContaining(WHOLE))
})

test.concurrent('Go with nats.go: weight-guard conforms', PATIENCE, async ({ skip }) => {
  const program = await goProgram(join(EXAMPLES, 'weight-guard'))
  if ('missing' in program) return skip(notRun('examples/weight-guard', program.missing))
  const report = await play(join(EXAMPLES, 'weight-guard'), [program.path])
  expect(troubles(report)).toEqual([])
  expect(passed(report)).toEqual(expect.arrayContaining(WHOLE))
})

test.concurrent('TypeScript with the SDK: live-figures conforms', PATIENCE, async () => {
  const folder = resolve(EXAMPLES, '..', 'modules', 'live-figures')
  const report = await play(folder, [process.execPath, join(folder, 'main.ts')])
  expect(troubles(report)).toEqual([])
})

test.concurrent('with a door of its own: jarvos conforms', PATIENCE, async () => {
  const folder = resolve(EXAMPLES, '..', 'modules', 'jarvos')
  const env = { RECYCLIQUE_MODULE_CONFIG: '{"port":0}' }
  const report = await play(folder, [process.execPath, join(folder, 'main.ts')], { env })
  expect(troubles(report)).toEqual([])
})

test.concurrent('with facts of its own that it hears as well: barcodes conforms', PATIENCE, async () => {
  const folder = resolve(EXAMPLES, '..', 'modules', 'barcodes')
  const report = await play(folder, [process.execPath, join(folder, 'main.ts')])
  expect(troubles(report)).toEqual([])
})

test.concurrent('with a program behind it that somebody else runs: paheko conforms', PATIENCE, async () => {
  const folder = resolve(EXAMPLES, '..', 'modules', 'paheko')
  const accounts = await startFakePaheko()
  const config = { url: accounts.url, user: 'env:PAHEKO_USER', password: 'env:PAHEKO_PASSWORD' }
  const env = {
    ...{ PAHEKO_USER: 'writekey', PAHEKO_PASSWORD: 'w-s3cret' },
    RECYCLIQUE_MODULE_CONFIG: JSON.stringify(config),
  }
  try {
    const report = await play(folder, [process.execPath, join(folder, 'main.ts')], { env })
    expect(troubles(report)).toEqual([])
  } finally {
    await accounts.stop()
  }
})

const OF_WHOLE = [
  ...['announce', 'facts-unknown-fields', 'pages', 'pages-malformed', 'commands', 'tools', 'jobs', 'jobs-again'],
  ...['errands-unknown-fields', 'errands-malformed', 'errands-unknown', 'errands-too-late', 'wishes-unavailable'],
  ...['wishes-conflict', 'wishes-silence', 'wishes-malformed', 'config', 'config-unfit', 'config-kept', 'wishes'],
]

test.concurrent('a module with one of everything does all of it as it should', PATIENCE, async () => {
  const folder = join(import.meta.dirname, 'whole')
  const report = await play(folder, [process.execPath, join(folder, 'main.ts')], { only: OF_WHOLE })
  expect(troubles(report)).toEqual([])
  expect(passed(report).sort()).toEqual(OF_WHOLE.sort())
})
