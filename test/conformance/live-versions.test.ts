import { expect, test } from 'vitest'
import { until } from '../support/wait.ts'
import type { Actor } from './live/actors.ts'
import { openCentre } from './live/centre.ts'
import { hookOf, part } from './live/part.ts'

/** Many processes start one after the other. */
const PATIENT = { timeout: 60_000 }

const RUN = hookOf('lab.run', { dispatch: 'sequential' })
const sign = { 'lab.run': { does: 'sign' } } as const

/** A version of a module, in a process that is named after it. */
const version = (name: string, version: string, more: object = {}) =>
  part(name, sign, { version, instance: `${name}-${version.replaceAll('.', '-')}`, knows: [RUN], ...more })

test('X14 a module waits for the version that it needs, and works as soon as that is there', PATIENT, async () => {
  const { start, are, view, hooks } = await openCentre()
  await start(part('lab', {}, { specs: [RUN] }))
  await are('active', 'lab')
  const asked = async () =>
    ((await hooks.askByName('lab.run', { n: 1 })) as { instance: string; version: string }[])
      .map(({ instance }) => instance)
      .sort()
  const atWork = async (name: string, wanted: string) =>
    until(async () => {
      const { state, version } = await view(name)
      return state === 'active' && version === wanted
    })

  const bystander = await start(version('bystander', '1.0.0'))
  await atWork('bystander', '1.0.0')
  // The view knows it at once, the ledger a moment later.
  await until(async () => (await view('bystander')).transitions?.[0]?.to === 'active')
  const before = await view('bystander')
  const oldest = await start(version('auth', '1.5.0'))
  await atWork('auth', '1.5.0')
  const analytics = await start(version('analytics', '1.0.0', { requires: { auth: '^2.0.0' } }))
  const tester = await start(version('tester', '1.0.0', { requires: { auth: '>=2.1.0-rc.1 <3.0.0' } }))
  await are('pending', 'analytics', 'tester')
  expect((await view('analytics')).reasons).toEqual([expect.stringMatching(/auth.*\^2\.0\.0.*1\.5\.0/)])
  expect(await asked()).toEqual(['auth-1-5-0', 'bystander-1-0-0'])

  // A version on trial counts only for who asks for it.
  const trial = await start(version('auth', '2.1.0-rc.1'))
  await atWork('auth', '2.1.0-rc.1')
  await are('active', 'tester')
  await are('pending', 'analytics')
  await until(async () => (await view('analytics')).reasons[0]?.includes('at work is 2.1.0-rc.1'))
  expect(await oldest.ended).toBe(0)

  await start(version('auth', '2.1.0'))
  await atWork('auth', '2.1.0')
  await are('active', 'analytics', 'tester')
  expect(await trial.ended).toBe(0)
  expect(await asked()).toEqual(['analytics-1-0-0', 'auth-2-1-0', 'bystander-1-0-0', 'tester-1-0-0'])

  await start(version('auth', '3.0.0'))
  await atWork('auth', '3.0.0')
  await are('pending', 'analytics', 'tester')
  expect((await view('analytics')).reasons).toEqual([expect.stringMatching(/auth.*\^2\.0\.0.*3\.0\.0/)])
  expect(await asked()).toEqual(['auth-3-0-0', 'bystander-1-0-0'])

  // Nobody but the versions of auth was started or ended, and the one who needs nothing noticed nothing.
  for (const { pid } of [analytics, tester, bystander]) expect(process.kill(pid, 0)).toBe(true)
  const { transitions, rank } = await view('bystander')
  expect({ transitions, rank }).toEqual({ transitions: before.transitions, rank: before.rank })
})

test('X15 a newer version takes over under load: no call fails, each is served by one version, and the old process ends', () =>
  takeOver(1))

test('X15 the same with two processes of each version', PATIENT, () => takeOver(2))

const takeOver = async (copies: number) => {
  const { start, are, view, hooks } = await openCentre()
  const take = hookOf('counter.take', { mode: 'driver' })
  const counter = (version: string, nth: number) =>
    part(
      'counter',
      { 'counter.take': { does: 'sign', afterMs: 5 } },
      { version, instance: `counter-${version.replaceAll('.', '-')}-${nth}`, specs: [take] },
    )
  const startAll = (version: string) =>
    Promise.all(Array.from({ length: copies }, (_, nth) => start(counter(version, nth + 1))))
  const old = await startAll('1.0.0')
  await are('active', 'counter')

  const served: string[] = []
  let isOver = false
  let next = 0
  const askOn = async () => {
    while (!isOver) {
      const { version } = (await hooks.askByName('counter.take', { n: next++ })) as { version: string }
      served.push(version)
    }
  }
  const load = Promise.all(Array.from({ length: 8 }, askOn))
  load.catch(() => {})
  await Promise.all(old.map(({ did }) => did.upTo(100)))
  const young = await startAll('1.1.0')
  await Promise.all(young.map(({ did }) => did.upTo(100)))
  const exits = await Promise.race([Promise.all(old.map(({ ended }) => ended)), load])
  isOver = true
  await load

  expect(exits).toEqual(old.map(() => 0))
  expect(served.length).toBe(next)
  expect(new Set(served)).toEqual(new Set(['1.0.0', '1.1.0']))
  const took = [...old, ...young].flatMap(taken)
  expect(took.length).toBe(next)
  expect(new Set(took).size).toBe(next)
  expect(old.flatMap(taken).length).toBe(served.filter((version) => version === '1.0.0').length)
  expect(await view('counter')).toMatchObject({ state: 'active', version: '1.1.0', rank: 1 })
}

const taken = ({ did }: Actor) => did.got.map(({ args }) => args.n)
