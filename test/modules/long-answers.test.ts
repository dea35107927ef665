import { createCipheriv, createHash } from 'node:crypto'
import type { Manifest } from '@recyclique/contracts'
import { defineModule } from '@recyclique/sdk'
import { rehearse } from '@recyclique/sdk/testing'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { type Centre, openCentre } from '../conformance/live/centre.ts'
import { manifestOf as playedManifest, playModule } from '../registry/module-on-wire.ts'
import { until } from '../support/wait.ts'
import { type Child, moduleEnv, startChild } from './child.ts'

const MEBIBYTE = 1024 ** 2
const mebibyte = (nth: number): Buffer =>
  createCipheriv('aes-128-ctr', 'sixteen letters!', Buffer.alloc(16, nth)).update(Buffer.alloc(MEBIBYTE))
const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

describe('from a process to a browser', () => {
  let centre: Centre
  let child: Child
  beforeEach(async () => {
    centre = await openCentre()
    child = startChild('test/modules/long-module.ts', await moduleEnv(centre.server, 'sheets', 'sheets-1'))
    onTestFinished(async () => {
      child.process.kill('SIGKILL')
      await child.ended
    })
    await centre.are('active', 'sheets')
  })
  const get = (path: string, signal?: AbortSignal) => fetch(`${centre.url}/m/sheets${path}`, signal ? { signal } : {})
  const counts = async (): Promise<{ given: number; ends: number }> => JSON.parse(await centre.get('/m/sheets/counts'))

  test('an answer of any length comes byte by byte as it was given, whole or in pieces', async () => {
    const wanted = digest(Buffer.concat([0, 1, 2].map(mebibyte)))
    const whole = await get('/whole/3')
    expect([whole.headers.get('content-type'), whole.headers.get('content-length')]).toEqual([
      'application/pdf',
      String(3 * MEBIBYTE),
    ])
    expect(digest(await whole.bytes())).toBe(wanted)
    const pieces = await get('/pieces/3')
    expect(pieces.headers.get('content-type')).toBe('image/png')
    expect(digest(await pieces.bytes())).toBe(wanted)
  })

  test('a reader that does not read holds the module back, and one that goes ends it', async () => {
    const gone = new AbortController()
    const reader = (await get('/pieces/100000', gone.signal)).body?.getReader()
    await reader?.read()
    let last = -1
    await until(async () => {
      const { given } = await counts()
      const isStill = given === last
      last = given
      return isStill
    })
    expect(last).toBeLessThan(20)
    gone.abort()
    await until(async () => (await counts()).ends === 1)
  })

  test.each(['/whole/64', '/pieces/64'])(
    'a process that dies in the middle of %s leaves a broken answer',
    async (path) => {
      const reader = (await get(path)).body?.getReader()
      await reader?.read()
      child.process.kill('SIGKILL')
      const readAll = async () => {
        while (!(await reader?.read())?.done);
      }
      await expect(readAll()).rejects.toThrow()
    },
  )

  test('a source that throws in the middle breaks the answer off, and the log of the module says why', async () => {
    await expect(get('/broken').then((answer) => answer.text())).rejects.toThrow()
    expect(await child.lines.first((line) => line.includes('out of paper'))).toContain('an answer broke off')
  })

  test('a process that is told to end finishes the answer that has begun', async () => {
    const answer = await get('/pieces/16')
    child.process.kill('SIGTERM')
    expect((await answer.bytes()).length).toBe(16 * MEBIBYTE)
    expect(await child.ended).toBe(0)
  })
})

test('parts that nobody asked for, and those of another module, reach no answer', async () => {
  const centre = await openCentre()
  const labels = await centre.server.addModule('labels')
  const thief = await centre.server.addModule('thief')
  const [victim, hostile] = await Promise.all([labels.connect('labels-1'), thief.connect('thief-1')])
  const played = await playModule(
    labels,
    'labels-2',
    playedManifest('labels', { hears: [], routes: [{ method: 'GET', path: '/' }] }),
  )
  await played.serve(() => ({ status: 200, headers: {}, body: '', parts: { name: 'sheet', bytes: 2 } }))
  const subject = 'rq.essai.mod.labels.labels-2.body.sheet'
  const parts = (part: number) =>
    part === 1 ? { part, data: Buffer.from('ok').toString('base64') } : { part, done: true, bytes: 2 }
  const forged = JSON.stringify({ part: 1, data: Buffer.from('no').toString('base64') })
  played.connection.subscribe(subject, {
    callback: (_, message) => {
      for (const other of [hostile, victim]) other.publish(message.reply ?? 'none', forged)
      message.respond(JSON.stringify(parts(JSON.parse(message.string()).part)))
      // Once is enough: the second finds nobody who waits.
      message.respond(forged)
    },
  })
  for (const other of [hostile, victim]) other.publish(subject, JSON.stringify({ stop: true }))
  await played.announce()
  await centre.are('active', 'labels')
  expect(await (await fetch(`${centre.url}/m/labels/`)).text()).toBe('ok')
})

const manifestOf = (more: Partial<Manifest>): Manifest => ({
  ...{ name: 'sheets', version: '1.0.0', description: 'A module of the tests.', kernel: '^0.1.0' },
  protocol: { min: 1, max: 1 },
  ...more,
})

describe('in a rehearsal', () => {
  const module = defineModule(manifestOf({ routes: ['/rows', '/broken'].map((path) => ({ method: 'GET', path })) }))
    .route('GET', '/rows', () => ({
      body: (async function* () {
        for (let row = 0; row < 20_000; row += 1) yield `row ${row}\n`
      })(),
    }))
    .route('GET', '/broken', () => ({
      // biome-ignore lint/correctness/useYield: a source that fails before its first piece
      body: (async function* (): AsyncGenerator<string> {
        throw new Error('no rows today')
      })(),
    }))

  test('an answer in pieces is read as a whole', async () => {
    const { text } = await rehearse(module).request('GET', '/rows')
    expect(text.split('\n').slice(-2)).toEqual(['row 19999', ''])
  })

  test('one that breaks off fails', async () => {
    await expect(rehearse(module).request('GET', '/broken')).rejects.toThrow('the answer broke off')
  })
})
