import { join } from 'node:path'
import { expect, test } from 'vitest'
import { conform, type Report } from '../../cli/conform/conform.ts'
import { readManifest } from '../../cli/workshop/read-manifest.ts'

const BAD = join(import.meta.dirname, 'bad-module.ts')

const play = async (how: string, only: string[] = [], startMs = 20_000): Promise<Report> => {
  const read = await readManifest(join(import.meta.dirname, `${how}.json`))
  if (!read || 'why' in read) throw new Error(`no manifest for ${how}`)
  return conform({
    ...{
      manifest: read.manifest,
      command: [process.execPath, BAD, how],
      env: process.env,
      only,
      startMs,
      timeoutMs: 1_000,
    },
    ...{ onLine: () => {}, say: () => {}, onResult: () => {} },
  })
}

const failed = ({ results }: Report) => results.filter(({ state }) => state === 'failed').map(({ name }) => name)
const seen = ({ results }: Report, name: string) => results.find((one) => one.name === name)?.seen

test.concurrent('a process that never announces itself is said to, and nothing else is tried', async () => {
  const report = await play('silent', [], 2_000)
  expect(failed(report)).toEqual(['announce'])
  expect(seen(report, 'announce')).toMatch(/did not announce itself within 2 s, and wrote nothing/)
  expect(new Set(report.results.slice(1).map(({ state }) => state))).toEqual(new Set(['not-run']))
  expect(report.hasPassed).toBe(false)
})

test.concurrent('of a process that dies at once one reads how, and what it wrote', async () => {
  const report = await play('dying', ['announce'])
  expect(seen(report, 'announce')).toMatch(
    /ended with code 3 before it announced itself.*\n.*cannot find my configuration/,
  )
})

test.concurrent('garbage for an announce is named', async () => {
  const report = await play('babbling', ['announce', 'form'])
  expect(failed(report)).toEqual(['announce', 'form'])
  expect(seen(report, 'announce')).toMatch(/not of the right form: announce: the whole is not JSON/)
})

test.concurrent('a flood is named, and does not drown the one who looks', async () => {
  const report = await play('flooding', ['announce', 'ping', 'flood'])
  expect(failed(report)).toContain('flood')
  expect(seen(report, 'flood')).toMatch(/more than \d+ messages to the kernel within a second/)
})

const SLOPPY = [
  ...[
    'connection-name',
    'announce-again',
    'heartbeats',
    'health',
    'holding',
    'service',
    'questions',
    'questions-malformed',
  ],
  ...['questions-unknown-handler', 'wrappers', 'wrappers-error', 'facts-position', 'facts-retry', 'facts-again'],
  ...['facts-newer-version', 'tells-again', 'facts-kept', 'routes', 'routes-unknown', 'announce-after-outage'],
  ...['announce-answer', 'manifest-hash', 'rejected', 'drain', 'sigterm-no-bus', 'form', 'tells', 'borders'],
  ...['pages', 'pages-malformed', 'commands', 'tools', 'jobs', 'errands-malformed', 'errands-unknown'],
  ...['wishes-unavailable', 'wishes-conflict', 'wishes', 'config'],
]

test.concurrent('a module that does nearly everything wrong reads of each fault by itself', {
  timeout: 120_000,
}, async () => {
  const report = await play('sloppy', ['announce', ...SLOPPY])
  expect(failed(report).sort()).toEqual(SLOPPY.sort())
  expect(seen(report, 'facts-kept')).toMatch(/was killed, and announces resumeAfter 0: an effect was lost/)
  expect(seen(report, 'borders')).toMatch(/Violation.*somebody-else/)
  expect(seen(report, 'pages')).toMatch(/hands over as index.html has another hash/)
  expect(seen(report, 'commands')).toMatch(/what command count gave: .*\(it sent: 7\)/)
  expect(seen(report, 'wishes-unavailable')).toMatch(/wanted kv put count, .*passes.*ended as if it had been done/)
  expect(seen(report, 'wishes-conflict')).toMatch(/another process had changed the key .*ended as if it had been kept/)
  expect(seen(report, 'wishes')).toMatch(/does not list 'none' under 'jobs'/)
  expect(seen(report, 'config')).toMatch(/no answer to control.config within 1 s/)
  expect(report.results.filter(({ state }) => state === 'failed').every(({ todo }) => (todo ?? '').length > 10)).toBe(
    true,
  )
})

const FRAGILE = [
  ...['questions-in-time', 'questions-malformed', 'facts-malformed', 'routes-malformed', 'nonsense'],
  ...['announce-after-outage', 'waiting', 'blocked-at-work', 'announce-answer', 'drain', 'sigterm'],
]

test.concurrent('a module that dies of what it did not expect reads what it died of', {
  timeout: 120_000,
}, async () => {
  const report = await play('fragile', ['announce', ...FRAGILE])
  expect(failed(report).sort()).toEqual(FRAGILE.sort())
  expect(seen(report, 'facts-malformed')).toMatch(/ended with code 1 when something came that is no fact/)
})

const HASTY = [
  ...['jobs-again', 'errands-unknown-fields', 'errands-too-late', 'wishes-silence', 'wishes-malformed'],
  ...['config', 'config-unfit', 'config-kept'],
]

test.concurrent('a module that believes whatever it is told and answered reads what it should have looked at', {
  timeout: 120_000,
}, async () => {
  const report = await play('hasty', ['announce', 'commands', 'tools', 'jobs', 'errands-unknown', ...HASTY])
  expect(failed(report).sort()).toEqual(HASTY.sort())
  expect(seen(report, 'jobs-again')).toMatch(/same run again ended with twice: this was done before/)
  expect(seen(report, 'errands-too-late')).toMatch(/ended with code 9/)
  expect(seen(report, 'wishes-silence')).toMatch(/ended with code 1/)
  expect(seen(report, 'config-unfit')).toMatch(/took what does not fit: no JSON/)
  expect(seen(report, 'config-kept')).toMatch(/most was set to 1 from .*shows 3 from 'default'/)
})
