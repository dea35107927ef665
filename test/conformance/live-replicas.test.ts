import { expect, test } from 'vitest'
import type { HookError } from '../../kernel/hooks/hook-error.ts'
import { until } from '../support/wait.ts'
import type { Actor } from './live/actors.ts'
import { type Centre, openCentre } from './live/centre.ts'
import { hookOf, type Part, part, replica } from './live/part.ts'

/** All processes of a module at work. */
const startReplicas = async ({ start, view }: Centre, one: Part, count: number): Promise<Actor[]> => {
  const actors = []
  for (let nth = 1; nth <= count; nth += 1) actors.push(await start(replica(one, nth)))
  const isThere = async () => {
    const { instances } = await view(one.manifest.name)
    return instances.filter(({ state }) => state === 'active').length === count
  }
  await until(isThere)
  return actors
}

/** So many questions, so many of them under way at any moment. Gives each outcome: a value, or the error's kind. */
const askMany = async (count: number, atOnce: number, ask: (n: number) => Promise<unknown>) => {
  const outcomes: { n: number; value?: unknown; kind?: string; code?: string }[] = []
  let next = 0
  const askOn = async () => {
    while (next < count) {
      const n = next++
      outcomes.push(
        await ask(n).then(
          (value) => ({ n, value }),
          ({ kind, code }: HookError) => ({ n, kind, code }),
        ),
      )
    }
  }
  await Promise.all(Array.from({ length: atOnce }, askOn))
  return outcomes
}

const times = (ns: readonly number[]): Map<number, number> => {
  const seen = new Map<number, number>()
  for (const n of ns) seen.set(n, (seen.get(n) ?? 0) + 1)
  return seen
}

const CALLS = 1_000
const AT_ONCE = 32

const counter = (more: object) =>
  part(
    'counter',
    { 'counter.take': { does: 'answer', value: 'taken', afterMs: 5 } },
    { specs: [hookOf('counter.take', { mode: 'driver', ...more })] },
  )

/** 1000 questions to two processes, of which one is killed in the middle. */
const killedInTheMiddle = async (one: Part) => {
  const centre = await openCentre()
  const [first, second] = (await startReplicas(centre, one, 2)) as [Actor, Actor]
  const all = askMany(CALLS, AT_ONCE, (n) => centre.hooks.askByName('counter.take', { n }))
  await first.did.upTo(200)
  await first.kill9()
  const outcomes = await all
  const began = [...first.did.got, ...second.did.got].map(({ args }) => args.n as number)
  return { outcomes, failed: outcomes.filter(({ kind }) => kind !== undefined), began: times(began), first, second }
}

test('X03 one of two processes is killed under load: only what it had in hand fails, and nothing is answered twice', async () => {
  const { outcomes, failed, began, second } = await killedInTheMiddle(counter({ idempotent: false }))

  expect(new Set(outcomes.map(({ n }) => n)).size).toBe(CALLS)
  expect(outcomes.filter(({ value }) => value !== undefined).length).toBe(CALLS - failed.length)
  expect(failed.length).toBeLessThanOrEqual(AT_ONCE)
  expect(failed.length).toBeGreaterThan(0)
  expect(failed.filter(({ kind, code }) => kind !== 'unavailable' || code !== 'instance-gone')).toEqual([])
  // Each was asked of one process, and none of those that failed of the one that lives.
  expect([...began.values()].filter((count) => count !== 1)).toEqual([])
  const atSecond = new Set(second.did.got.map(({ args }) => args.n))
  expect(failed.filter(({ n }) => atSecond.has(n))).toEqual([])
  console.info(`X03: ${failed.length} of ${CALLS} failed, with ${AT_ONCE} under way`)
})

test('X03 where asking twice does no harm, nobody notices that a process was killed', async () => {
  const { outcomes, failed, began, first, second } = await killedInTheMiddle(counter({ idempotent: true }))

  expect(failed).toEqual([])
  expect(outcomes.length).toBe(CALLS)
  // Only what the dead one had in hand was asked again, of the other.
  const twice = [...began].filter(([, count]) => count > 1)
  expect(twice.length).toBeLessThanOrEqual(AT_ONCE)
  const [atFirst, atSecond] = [first, second].map(({ did }) => times(did.got.map(({ args }) => args.n as number)))
  expect([...atFirst!.values(), ...atSecond!.values()].filter((count) => count !== 1)).toEqual([])
})

test('X04 what a wrapper does before and after a call is done by one process', async () => {
  const centre = await openCentre()
  const lab = part(
    'lab',
    { 'lab.run': { does: 'answer', value: 'ran', afterMs: 20 } },
    { specs: [hookOf('lab.run', { deadlineMs: 20_000 })] },
  )
  await startReplicas(centre, lab, 1)
  const around = part('around', { 'lab.run': { does: 'pass' } }, { knows: lab.manifest.specs ?? [] })
  const wrappers = await startReplicas(centre, around, 3)

  const outcomes = await askMany(500, 500, (n) => centre.hooks.askByName('lab.run', { n }))

  expect(outcomes.map(({ value }) => value)).toEqual(outcomes.map(() => ['ran']))
  await Promise.all(wrappers.map(({ did }) => until(() => count(did.got, 'began') === count(did.got, 'came back'))))
  const calls = wrappers.map(({ did }) => callsOf(did.got))
  for (const { began, cameBack } of calls) expect(cameBack).toEqual(began)
  expect(calls.flatMap(({ began }) => began).length).toBe(500)
  expect(new Set(calls.flatMap(({ began }) => began)).size).toBe(500)
  expect(calls.map(({ began }) => began.length > 0)).toEqual([true, true, true])
})

type Did = Actor['did']['got']

const count = (got: Did, did: string) => got.filter((one) => one.did === did).length

const callsOf = (got: Did) => {
  const callsThat = (did: string) => got.filter((one) => one.did === did).map(({ callId }) => callId)
  return { began: callsThat('began').sort(), cameBack: callsThat('came back').sort() }
}
