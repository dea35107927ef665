import { performance } from 'node:perf_hooks'
import { expect, test } from 'vitest'
import type { HookError } from '../../kernel/hooks/hook-error.ts'
import { manifestOf, playModule } from '../registry/module-on-wire.ts'
import { until } from '../support/wait.ts'
import { openCentre } from './live/centre.ts'
import { hookOf, part } from './live/part.ts'

const STRICT = hookOf('lab.strict', { timeoutMs: 300, deadlineMs: 1_000 })
const LENIENT = hookOf('lab.lenient', { deadlineMs: 400, dispatch: 'parallel', onError: 'skip' })
const LONG = hookOf('lab.long', { deadlineMs: 5_000 })
const SPECS = [STRICT, LENIENT, LONG]

const answer = (value: unknown) => ({ does: 'answer', value }) as const

/** Owner of the hooks, and one who answers. */
const lab = part('lab', { 'lab.lenient': answer('lab') }, { specs: SPECS })

/** How long it took, and how it ended. */
const timed = async <T>(going: Promise<T>) => {
  const begunAt = performance.now()
  const error = await going.then(
    () => undefined,
    (error: HookError) => error,
  )
  return { ms: performance.now() - begunAt, error }
}

test('X05 a module that never answers costs its deadline, is shown as degraded, and is asked again when it answers', async () => {
  const { start, are, view, hooks } = await openCentre()
  await start(lab)
  await are('active', 'lab')
  const mute = await start(
    part('mute', { 'lab.strict': { does: 'hang' }, 'lab.lenient': { does: 'hang' } }, { knows: SPECS }),
  )
  const around = await start(part('around', { 'lab.strict': { does: 'pass' } }, { knows: SPECS }))
  await are('active', 'mute', 'around')

  const { ms, error } = await timed(hooks.askByName('lab.strict', { n: 1 }))
  expect(error).toMatchObject({ kind: 'timeout', module: 'mute' })
  expect(ms).toBeGreaterThan(290)
  expect(ms).toBeLessThan(600)
  expect(await around.did.first(({ did }) => did === 'came back')).toMatchObject({ kind: 'timeout' })

  const { result, errors } = await hooks.askInDetail('lab.lenient', { n: 2 })
  expect(result).toEqual(['lab'])
  expect(errors).toMatchObject([{ kind: 'timeout', module: 'mute' }])
  console.info(`X05: with a limit of 300 ms the caller had its error after ${ms.toFixed(0)} ms`)

  for (const n of [3, 4]) await hooks.askByName('lab.lenient', { n })
  await are('degraded', 'mute')
  expect((await view('mute')).reasons).toEqual([expect.stringMatching(/^It did not answer lab\.lenient 3 times/)])

  await mute.cue({ handler: 'lab.lenient', play: answer('mute') })
  await until(async () => ((await hooks.askByName('lab.lenient', { n: 5 })) as unknown[]).includes('mute'))
  await are('active', 'mute')
})

test('X06 who is dead is not waited for: the next question is over at once', async () => {
  const { start, are, api, hooks } = await openCentre()
  await start(lab)
  await are('active', 'lab')
  const mortal = await start(part('mortal', { 'lab.long': answer('alive') }, { knows: SPECS }))
  await are('active', 'mortal')
  await api('PUT', '/v1/hooks/lab.long/marks/mortal', { need: 'required' })
  expect(await hooks.askByName('lab.long', { n: 1 })).toEqual(['alive'])

  const killed = mortal.kill9()
  // The first is asked while it stands in the plan, the last when the kernel has taken it out.
  const early = await timed(hooks.askByName('lab.long', { n: 2 }))
  await killed
  await are('stopped', 'mortal')
  const late = await timed(hooks.askByName('lab.long', { n: 3 }))

  for (const { ms, error } of [early, late]) {
    expect(error).toMatchObject({ kind: 'unavailable' })
    expect(ms).toBeLessThan(100)
  }
  console.info(`X06: unavailable after ${early.ms.toFixed(1)} ms, and ${late.ms.toFixed(1)} ms, of 5000 allowed`)
})

test('X06 what a process had in hand when it was killed fails at once, and the kernel knows', async () => {
  const { start, are, view, hooks } = await openCentre()
  await start(lab)
  await are('active', 'lab')
  const mortal = await start(part('mortal', { 'lab.long': { does: 'hang' } }, { knows: SPECS }))
  await are('active', 'mortal')
  const asked = hooks.askByName('lab.long', { n: 1 }).catch((error: HookError) => error)
  await mortal.did.upTo(1)

  const killedAt = performance.now()
  const killed = mortal.kill9()
  const error = await asked
  const failedAfter = performance.now() - killedAt
  await until(async () => (await view('mortal')).state === 'stopped')
  const knownAfter = performance.now() - killedAt
  await killed

  expect(error).toMatchObject({ kind: 'unavailable', code: 'instance-gone', module: 'mortal' })
  expect(failedAfter).toBeLessThan(500)
  expect(knownAfter).toBeLessThan(500)
  console.info(`kill -9: the caller failed after ${failedAfter.toFixed(1)} ms, shown after ${knownAfter.toFixed(1)} ms`)
})

test('X07 an answer that comes too late is counted, and the next question gets its own', async () => {
  const { server, start, are, get, hooks } = await openCentre()
  await start(lab)
  await are('active', 'lab')
  // In another language and without our SDK: it does not look at the deadline.
  const slow = await playModule(
    await server.addModule('slow'),
    'slow-1',
    manifestOf('slow', { hears: [], answers: [{ hook: 'lab.lenient' }] }),
  )
  const release = Promise.withResolvers<void>()
  await slow.answer(async ({ args }) => {
    if (args.n === 1) await release.promise
    return { v: `to ${args.n}` }
  })
  await slow.announce()
  await are('active', 'slow')

  expect((await hooks.askInDetail('lab.lenient', { n: 1 })).errors).toMatchObject([{ kind: 'timeout', module: 'slow' }])
  const next = hooks.askByName('lab.lenient', { n: 2 })
  release.resolve()

  expect(await next).toEqual(['to 2', 'lab'])
  const line = 'recyclique_hook_notices_total{hook="lab.lenient",module="slow",is="late"} 1'
  await until(async () => (await get('/metrics')).includes(line))
  expect(await hooks.askByName('lab.lenient', { n: 3 })).toEqual(['to 3', 'lab'])
})
