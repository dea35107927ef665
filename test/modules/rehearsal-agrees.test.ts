import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import {
  fold,
  type HookDocument,
  hookFrom,
  type Manifest,
  type PipelineAnswer,
  PostChanged,
} from '@recyclique/contracts'
import { DeadLetter, defineModule, json, Refusal, startModule } from '@recyclique/sdk'
import { type Reply, rehearse } from '@recyclique/sdk/testing'
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { openCentre } from '../conformance/live/centre.ts'
import { until } from '../support/wait.ts'

// One module, the same inputs, twice: in memory, and behind a real kernel on a real bus. What comes out must be the same.

const ASKED: HookDocument = {
  name: 'probe.asked',
  version: 1,
  mode: 'first',
  args: {
    type: 'object',
    properties: { what: { type: 'string' }, hidden: { type: 'string' } },
    required: ['what', 'hidden'],
  },
  answer: { type: 'object', properties: { cents: { type: 'integer' } }, required: ['cents'] },
  deadlineMs: 250,
}
const WRAPPED: HookDocument = { ...ASKED, name: 'probe.wrapped' }
const FOLDED: HookDocument = {
  name: 'probe.folded',
  version: 1,
  mode: 'pipeline',
  args: { type: 'object', properties: { what: { type: 'string' }, cents: { type: 'integer' } }, required: ['what'] },
  deadlineMs: 250,
}
const Asked = hookFrom(ASKED)
const Wrapped = hookFrom(WRAPPED)
const Folded = hookFrom(FOLDED)

const MANIFEST: Manifest = {
  name: 'probe',
  version: '1.0.0',
  description: 'A module of the tests.',
  kernel: '^0.1.0',
  protocol: { min: 1, max: 1 },
  hears: ['post.changed'],
  hearsFrom: 'start',
  specs: [ASKED, WRAPPED, FOLDED],
  answers: [
    { hook: 'probe.asked', args: ['what'] },
    { hook: 'probe.wrapped', handler: 'inner' },
    { hook: 'probe.wrapped', handler: 'around', isWrapper: true },
    { hook: 'probe.folded' },
  ],
  keeps: true,
  jobs: [{ name: 'remind' }],
  permissions: { api: ['GET /v1/posts/*'] },
  tells: [
    {
      name: 'probe.seen',
      version: 1,
      data: {
        type: 'object',
        properties: { words: { type: 'string', maxLength: 10 } },
        required: ['words'],
        additionalProperties: false,
      },
    },
  ],
  routes: [
    { method: 'GET', path: '/labels/:id' },
    { method: 'POST', path: '/echo' },
  ],
}

type Given = Readonly<Record<string, string>>
const slow = () => new Promise((resolve) => setTimeout(resolve, 2_000).unref())

const probe = () => {
  const heard: string[] = []
  const begun = defineModule(MANIFEST)
  const module = begun
    .hear(PostChanged, ({ data }) => {
      if (data.name === 'Broken') throw new DeadLetter('this post cannot be read')
      heard.push(`${data.id} ${data.name}`)
    })
    .answer(Asked, async (given, { tell }) => {
      const { what, ...others } = given as Given
      if (what === 'null') return null
      if (what === 'args') return { cents: Object.keys(others).length }
      if (what === 'misfit') return { cents: 'many' }
      if (what === 'throws') throw Object.assign(new Error('no such shelf'), { code: 'shelf-unknown' })
      if (what === 'silent') await slow()
      if (what === 'tells') await tell('probe.seen', { words: 'a shelf' }, { key: 'k' })
      if (what === 'tells-misfit') await tell('probe.seen', { words: 'far too many words' })
      if (what === 'tells-half') await tell('probe.seen', { words: '\ud800' })
      if (what === 'tells-otherwise') await tell('probe.seen', { words: 'b' }, { key: 'k' })
      if (what === 'keeps') await begun.kv.put('shelf/1', { cents: 5 }, { revision: 0 })
      if (what === 'keeps-again') await begun.kv.put('shelf/1', 1, { revision: 0 })
      if (what === 'keeps-oddly') await begun.kv.put('a shelf', 1)
      if (what === 'keeps-much') await begun.kv.put('shelf/2', 'x'.repeat(300_000))
      if (what === 'finds') return { cents: (await begun.kv.get<{ cents: number }>('shelf/1'))!.value.cents }
      if (what === 'sets') await begun.schedule.at('remind', new Date('2036-01-01'), { id: 'r' })
      if (what === 'sets-oddly') await begun.schedule.every('remind', 'now and then', { id: 'r' })
      if (what === 'sets-unlisted') await begun.schedule.at('forget', new Date('2036-01-01'), { id: 'r' })
      if (what === 'sets-own') await begun.schedule.cancel('manifest remind')
      if (what === 'cancels') return { cents: Number(await begun.schedule.cancel('r')) }
      if (what === 'calls-unlisted') await begun.api('GET', '/v1/sales/1')
      if (what === 'calls-oddly') await begun.api('GET', '/v1/posts/../sales')
      if (what === 'tells-unlisted') await tell('probe.unseen', {})
      return { cents: 5 }
    })
    .job('remind', () => {})
    .answer(Wrapped, (given) => innerOf(given as Given), { handler: 'inner' })
    .wrap(
      Wrapped,
      async (given, proceed) => {
        const { what } = given as Given
        if (what === 'never') return { cents: 1 }
        if (what === 'twice') await proceed()
        if (what === 'swallows') return proceed().catch(() => ({ cents: 7 }))
        const inner = await proceed()
        if (what === 'doubles') return { cents: 2 * (inner as { cents: number }).cents }
        if (what === 'breaks') return { cents: 'many' }
        if (what === 'throws') throw new Error('after the inside')
        if (what === 'silent') await slow()
        return what === 'empties' ? null : inner
      },
      { handler: 'around' },
    )
    .answer(Folded, (given) => {
      const { what } = given as Given
      if (what === 'patch') return { patch: { cents: 3 } }
      if (what === 'replace') return { replace: { what: 'else', cents: 4 } }
      if (what === 'misfit') return { patch: { cents: 'many' } }
      return { cents: 3 } as never
    })
    .route('GET', '/labels/:id', ({ params, query }) => {
      if (params.id === 'gone') throw new Refusal(410, 'label-gone', 'This label was taken off.')
      if (params.id === 'bug') throw new Error('secrets of the inside')
      return json({ ...params, ...query })
    })
    .route('POST', '/echo', ({ body, headers }) => ({
      status: 201,
      headers: { 'content-type': headers['content-type'] ?? '', 'Set-Cookie': 'a=b', 'X-Bytes': String(body.length) },
      body,
    }))
  return { module, heard }
}

const innerOf = ({ what }: Given) => {
  if (what === 'swallows' || what === 'lets-pass') throw Object.assign(new Error('inside'), { code: 'inner-trouble' })
  return { cents: 10 }
}

/** A value, or how it failed. */
const verdictOn = async (work: () => Promise<unknown>): Promise<unknown> => {
  try {
    return { value: await work() }
  } catch (error) {
    const { kind, code } = error as { kind?: string; code?: string }
    return { kind, code }
  }
}

const shown = ({ status, headers, text }: Pick<Reply, 'status' | 'headers' | 'text'>) => ({
  ...{ status, type: headers['content-type'], cookie: headers['set-cookie'], bytes: headers['x-bytes'] },
  // Another number each time.
  text: text.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '<id>'),
})

const openReal = async () => {
  const centre = await openCentre()
  const { creds } = await centre.server.addModule('probe')
  const { module, heard } = probe()
  const settings = { servers: [centre.server.url], site: 'essai', instance: 'i1', creds }
  const running = startModule({ module, settings, log: pino({ level: 'silent' }) })
  onTestFinished(async () => void (await running.stop()))
  await centre.are('active', 'probe')
  const fetchOf = async (path: string, init?: RequestInit) => {
    const answer = await fetch(`${centre.url}/m/probe${path}`, init)
    return { status: answer.status, headers: Object.fromEntries(answer.headers), text: await answer.text() }
  }
  return { ...centre, heard, fetch: fetchOf }
}

/** Every verdict with what was given, so that a difference names it. */
const verdicts = async (inputs: readonly string[], ask: (what: string) => Promise<unknown>) => {
  const all: Record<string, unknown> = {}
  for (const what of inputs) all[what] = await verdictOn(() => ask(what))
  return all
}

test('the verdicts of a rehearsal are those of a kernel', async () => {
  const real = await openReal()
  const { module, heard } = probe()
  const memory = rehearse(module)

  const answers = [
    ...['null', 'args', 'misfit', 'throws', 'silent', 'well'],
    ...['tells', 'tells-misfit', 'tells-half', 'tells-otherwise', 'tells-unlisted'],
    ...['sets', 'sets-oddly', 'sets-unlisted', 'sets-own', 'cancels', 'calls-unlisted', 'calls-oddly'],
    ...['keeps', 'keeps-again', 'keeps-oddly', 'keeps-much', 'finds'],
  ]
  const args = (what: string) => ({ what, hidden: 'x' })
  const answered = await verdicts(answers, (what) => memory.ask(Asked, args(what)))
  expect(answered).toEqual(await verdicts(answers, (what) => real.hooks.ask(Asked, args(what))))
  expect(answered).toMatchObject({
    args: { value: { cents: 0 } },
    misfit: { kind: 'invalid', code: 'answer-invalid' },
    silent: { kind: 'timeout' },
    'keeps-again': { kind: 'thrown', code: 'conflict' },
    finds: { value: { cents: 5 } },
    'sets-unlisted': { kind: 'thrown', code: 'not-declared' },
    cancels: { value: { cents: 1 } },
    'calls-oddly': { kind: 'thrown', code: 'malformed' },
    'tells-otherwise': { kind: 'thrown', code: 'key-reused' },
  })

  const wraps = ['never', 'twice', 'swallows', 'lets-pass', 'doubles', 'breaks', 'throws', 'silent', 'empties', 'as-is']
  const wrapped = await verdicts(wraps, (what) => memory.wrap(Wrapped, args(what), () => innerOf(args(what))))
  expect(wrapped).toEqual(await verdicts(wraps, (what) => real.hooks.ask(Wrapped, args(what))))
  expect(wrapped).toMatchObject({
    never: { code: 'did-not-proceed' },
    twice: { code: 'second-proceed' },
    doubles: { value: { cents: 20 } },
    'lets-pass': { code: 'inner-trouble' },
  })

  const changes = ['patch', 'replace', 'misfit', 'neither']
  const folded = await verdicts(changes, async (what) =>
    fold({ what }, (await memory.ask(Folded, { what })) as PipelineAnswer, undefined),
  )
  expect(folded).toEqual(await verdicts(changes, (what) => real.hooks.ask(Folded, { what })))

  const paths = ['/labels/7?size=s', '/labels/caf%C3%A9%20cr%C3%A8me', '/labels/gone', '/labels/bug', '/nothing']
  for (const path of paths)
    expect({ path, ...shown(await memory.request('GET', path)) }).toEqual({ path, ...shown(await real.fetch(path)) })
  const sent = { body: '{"a": 1}', headers: { 'content-type': 'application/vnd.label+json' } }
  expect(shown(await memory.request('POST', '/echo', sent))).toEqual(
    shown(await real.fetch('/echo', { method: 'POST', ...sent })),
  )

  // Facts: the real ones are recorded from the ledger, and given to the rehearsal.
  for (const [id, name] of Object.entries({ quai: 'Quai', porte: 'Broken', cour: 'Cour' }))
    await real.api('PUT', `/v1/posts/${id}`, { name })
  await until(() => real.heard.length === 2)
  const file = join(real.server.folder, 'facts.jsonl')
  const recyclique = (...args: string[]) => promisify(execFile)(process.execPath, ['cli/main.ts', ...args])
  const { stdout } = await recyclique('facts', 'record', '--url', real.url, '-o', file)
  const { head } = await real.get('/v1/ledger?limit=1')
  expect(stdout).toBe(`${head.position} facts in ${file}.\n`)
  const { taken, unheard, dead } = await memory.replay(file)
  expect(heard).toEqual(real.heard)
  expect([taken, dead.length, taken + unheard + dead.length]).toEqual([2, 1, head.position])
  const letters = await until(async () => {
    const { items } = await real.get('/v1/dead-letters')
    return items.length > 0 && items
  })
  expect(dead.map(({ fact, error }) => [fact.position, error.message])).toEqual(
    letters.map(({ position, error }: { position: number; error: string }) => [position, error]),
  )
})
