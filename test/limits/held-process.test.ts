import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'
import type { Manifest } from '@recyclique/contracts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { codeFolders } from '../../cli/limits/libraries.ts'
import { flagsOf, guardEnv, limitsOf } from '../../cli/limits/limits.ts'
import { manifestOf } from '../conformance/workshop-folders.ts'

const folder = mkdtempSync(join(tmpdir(), 'recyclique-limits-'))
const own = join(folder, 'data', 'hostile')
const others = join(folder, 'data', 'other')
let server: Server
let port: number

type Asked = NonNullable<Manifest['permissions']>
type Run = { code: number; results: Record<string, string>; refused: string[]; text: string }

/** A script as a module's process, held to what its manifest says and was granted. */
const runHeld = async (script: string, permissions: Asked, memory?: number): Promise<Run> => {
  const limits = limitsOf({
    manifest: manifestOf('hostile', { permissions }),
    folders: [...(await codeFolders('modules/live-figures')), import.meta.dirname],
    data: own,
    servers: 'nats://127.0.0.1:4222',
    config: {},
    isGranted: () => true,
    memory,
  })
  const env = {
    ...{ PATH: process.env.PATH, ...guardEnv(limits) },
    TRY: JSON.stringify({ data: own, others, outside: folder, port }),
  }
  const args = [...flagsOf(limits), script]
  const { stdout, stderr, code } = await promisify(execFile)(process.execPath, args, { env, maxBuffer: 2 ** 26 }).then(
    ({ stdout, stderr }) => ({ stdout, stderr, code: 0 }),
    (error: { stdout: string; stderr: string; code: number }) => error,
  )
  const lines = stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as { msg?: string; results?: Record<string, string> })
  const refused = lines.flatMap(({ msg }) => (msg?.startsWith('refused: ') ? [msg] : []))
  return { code, results: lines.find((line) => line.results)?.results ?? {}, refused, text: stdout + stderr }
}

beforeAll(async () => {
  for (const path of [own, others]) mkdirSync(path, { recursive: true })
  writeFileSync(join(others, 'secret.txt'), 'SECRET=1')
  writeFileSync(join(others, 'secret.json'), '{}')
  new DatabaseSync(join(others, 'other.sqlite')).close()
  server = createServer((_, response) => response.end('here')).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  port = (server.address() as AddressInfo).port
})
afterAll(() => {
  server.close()
  rmSync(folder, { recursive: true, force: true })
})

const HOSTILE = join(import.meta.dirname, 'hostile.ts')
const MAY = ['its own data', 'a host that was granted', 'the same by fetch', 'a port that was granted']

describe('a hostile module’s process', () => {
  let run: Run
  beforeAll(async () => {
    run = await runHeld(HOSTILE, { net: [`127.0.0.1:${port}`, `granted.test:${port}`], listen: ['0'] })
  })

  test('does what it was granted', () => {
    expect(MAY.map((name) => [name, run.results[name]])).toEqual(MAY.map((name) => [name, 'done']))
  })

  test('is refused everything else', () => {
    const tried = Object.keys(run.results).filter((name) => !MAY.includes(name))
    expect(tried.length).toBeGreaterThan(40)
    expect(Object.fromEntries(tried.map((name) => [name, run.results[name]]))).toEqual(
      Object.fromEntries(tried.map((name) => [name, expect.not.stringMatching(/^done|REFUSED/)])),
    )
  })

  test('what it tried stands in the log, once, with what to grant', () => {
    const log = run.refused.join('\n')
    for (const words of [
      'refused: hostile may not read /etc/passwd. If it must, its manifest asks for it ("permissions": { "fs": ["read:/etc/passwd"] }) and an operator grants it: recyclique modules grant hostile fs:read:/etc/passwd',
      `hostile may not write ${join(folder, 'out.txt')}`,
      'hostile may not start the program id. If it must, its manifest asks for it ("permissions": { "runs": ["programs"] })',
      'recyclique modules grant hostile net:example.org:443',
      'hostile may not look up secret.example.org',
      'hostile may not listen on port 0 of every address: give listen the host 127.0.0.1',
      `hostile may not send a signal to process ${process.pid}`,
    ])
      expect(log).toContain(words)
    expect(run.refused).toHaveLength(new Set(run.refused).size)
  })
})

test('one that was granted programs starts one, and another is told nothing', async () => {
  const script = join(import.meta.dirname, 'start-program.ts')
  expect((await runHeld(script, { runs: ['programs'] })).text).toContain('it ran')
  const { code, refused } = await runHeld(script, {})
  expect(code).not.toBe(0)
  expect(refused[0]).toContain('recyclique modules grant hostile runs:programs')
})

test('what fills the heap that it was given ends, and nobody else', async () => {
  const { code, text } = await runHeld(join(import.meta.dirname, 'fill-heap.ts'), {}, 128)
  expect(code).not.toBe(0)
  expect(text).toContain('JavaScript heap out of memory')
})
