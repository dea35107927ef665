import { expect, test } from 'vitest'
import { plays } from './behaviours.ts'
import { envelope, gather, module, spec } from './harness.ts'

/**
 * Chosen where the specification leaves it open. X05 wants the others' answers under `skip` although one never answers, also one
 * after the other: so each step may use an equal share of what is left. And it wants after-parts to run when the deadline has
 * passed: they share one tenth of the call's time behind it.
 */

test('X05 a module that never answers: timeout in time, after-parts run, and under skip the others’ answers arrive', async () => {
  const modules = [module('a', plays('answers', 1)), module('b', plays('hangs')), module('w', plays('passes'))]
  const strict = await gather({ modules })
  const begun = strict.clock.now()
  const failing = envelope(strict.call())
  await strict.pass(550)
  expect(await failing).toMatchObject({ kind: 'timeout', module: 'b' })
  expect(strict.clock.now() - begun).toBeLessThanOrEqual(550)
  expect(strict.who('after error')).toEqual(['w'])
  // A late answer is still listened for, for a while.
  await strict.pass(20_000)
  expect(strict.clock.waiting()).toBe(0)

  for (const dispatch of ['sequential', 'parallel'] as const) {
    const lenient = await gather({ hooks: [spec(['arg'], { onError: 'skip', dispatch })], modules })
    const call = lenient.call()
    await lenient.pass(550)
    expect(await call).toEqual([1])
    expect(lenient.notices('failed')).toMatchObject([{ error: { kind: 'timeout', module: 'b' } }])
  }
})

test('X06 a module that is not there is an error at once, and not after the deadline', async () => {
  const centre = await gather({ modules: [module('a', plays('answers', 1)), module('b', plays('isAway'))] })
  expect(await centre.fails()).toMatchObject({ kind: 'unavailable', module: 'b' })
  expect(centre.clock.waiting()).toBe(0)
})

test('X07 an answer after the deadline is dropped and counted, and the next call is not confused by it', async () => {
  const centre = await gather({ modules: [module('a', plays('answersLater', 600, 'old'))] })
  const failing = envelope(centre.call())
  await centre.pass(550)
  expect(await failing).toMatchObject({ kind: 'timeout', module: 'a' })
  const next = centre.call({ arg: 2 }, { extra: [() => 'new'], exclude: ['a'] })
  await centre.pass(200)
  expect(await next).toEqual(['new'])
  expect(centre.notices('late')).toEqual([{ is: 'late', hook: 't.x', callId: 'call-1', module: 'a', ms: 600 }])
})

test('X11 twenty modules of 50 ms each take 50 ms in parallel, in the plan’s order', async () => {
  const names = Array.from({ length: 20 }, (_, nth) => `m${nth + 1}`)
  const modules = names.map((name, nth) => module(name, plays('answersLater', 50 - nth, name)))
  const centre = await gather({ hooks: [spec(['arg'], { onError: 'skip', dispatch: 'parallel' })], modules })
  const call = centre.call()
  await centre.pass(50)
  expect(await call).toEqual([...names].reverse())
})

test('X18 a module that calls itself from inside and serves one at a time fails at once, and the next call works', async () => {
  const a = { ...module('a', plays('asksOn', 't.x', { arg: 2 })), concurrency: 1 }
  const centre = await gather({ modules: [a] })
  const error = await centre.fails()
  expect(error).toMatchObject({ module: 'a', kind: 'denied', code: 'called-from-inside' })
  expect(error.message).toContain('a is in this chain of calls already')
  expect(centre.who()).toEqual(['a'])
  expect(await centre.call({ arg: 1 }, { exclude: ['a'], extra: [() => 1] })).toEqual([1])
  expect(await centre.fails()).toMatchObject({ code: 'called-from-inside' })
})

test('without a limit of its own it ends at the depth limit', async () => {
  const centre = await gather({ modules: [module('a', plays('asksOn', 't.x', { arg: 2 }))], maxDepth: 4 })
  expect(await centre.fails()).toMatchObject({ kind: 'denied', code: 'too-deep' })
  expect(centre.who()).toHaveLength(5)
})

test('a call inside a call has what is left of its time, and says so', async () => {
  const hooks = [spec(['arg'], { deadlineMs: 300 }), spec(['arg'], { name: 't.y', deadlineMs: 10_000 })]
  const modules = [
    { name: 'a', answers: [{ hook: 't.x', ...plays('asksOn', 't.y', { arg: 1 }) }] },
    { name: 'b', answers: [{ hook: 't.y', ...plays('asksOn', 't.z', { arg: 1 }) }] },
  ]
  const z = spec(['arg'], { name: 't.z', deadlineMs: 100 })
  const centre = await gather({ hooks: [...hooks, z], modules })
  const begun = centre.clock.now()
  await centre.call()
  expect(centre.saw('a')).toEqual({ depth: 0, deadline: begun + 300 })
  expect(centre.saw('b')).toEqual({ depth: 1, deadline: begun + 300 })
})

test('the caller’s own budget makes it shorter, never longer', async () => {
  for (const [budgetMs, took] of [
    [100, 110],
    [9_000, 550],
  ] as const) {
    const centre = await gather({ modules: [module('a', plays('hangs'))] })
    const failing = envelope(centre.call({ arg: 1 }, { budgetMs }))
    await centre.pass(took)
    expect(await failing).toMatchObject({ kind: 'timeout' })
  }
})

test('a call whose time is over before it begins asks nobody', async () => {
  const centre = await gather({ modules: [module('a', plays('answers', 1))] })
  expect(await centre.fails({ arg: 1 }, { budgetMs: 0 })).toMatchObject({ kind: 'timeout', code: 'no-time-left' })
  expect(centre.who()).toEqual([])
})

test('a module’s own limit holds for its step alone', async () => {
  const modules = [module('a', plays('answers', 1)), module('b', { ...plays('hangs'), timeoutMs: 40 })]
  const centre = await gather({ hooks: [spec(['arg'], { onError: 'skip' })], modules })
  const call = centre.call()
  await centre.pass(40)
  expect(await call).toEqual([1])
})

test('an idempotent question is asked once more when nobody was there, another one is not', async () => {
  // In one process, whatever the form: another one would be away for its own first time.
  const modules = [{ ...module('a', plays('isAwayOnce', 1)), instance: 'a-1' }]
  const twice = await gather({ hooks: [spec(['arg'], { idempotent: true })], modules })
  expect(await twice.call()).toEqual([1])
  expect(twice.who()).toEqual(['a', 'a'])
  const once = await gather({ modules })
  expect(await once.fails()).toMatchObject({ kind: 'unavailable' })
  expect(once.who()).toEqual(['a'])
})

test('a wrapper that hangs after it proceeded leaves the ones around it their after-parts', async () => {
  const modules = [
    module('a', plays('answers', 1)),
    module('b', plays('hangsAfterProceeding')),
    module('w', plays('passes')),
  ]
  const centre = await gather({ modules })
  const failing = envelope(centre.call())
  await centre.pass(550)
  expect(await failing).toMatchObject({ kind: 'timeout', module: 'b' })
  expect(centre.who('after error')).toEqual(['w'])
})

test('a wrapper for whom nobody waits any more cannot proceed', async () => {
  const modules = [module('a', plays('answers', 1)), module('w', plays('proceedsLate', 600))]
  const centre = await gather({ modules })
  const failing = envelope(centre.call())
  await centre.pass(700)
  expect(await failing).toMatchObject({ kind: 'timeout', module: 'w' })
  expect(centre.who()).toEqual([])
  expect(centre.who('too late')).toEqual(['w'])
})

test('a stream that stands still ends at the deadline', async () => {
  const stream = async function* () {
    yield 1
    await new Promise(() => {})
  }
  const centre = await gather()
  const [parts] = (await centre.call({ arg: 1 }, { extra: [() => stream()] })) as [AsyncIterable<unknown>]
  const reading = (async () => {
    for await (const _ of parts);
  })()
  const failing = envelope(reading)
  await centre.pass(500)
  expect(await failing).toMatchObject({ kind: 'timeout', module: 'caller.1' })
})

test('after-parts have a tenth of the call’s time behind its deadline, the inner ones first', async () => {
  const modules = [
    module('b', plays('hangs')),
    module('inner', plays('passesSlowly', 20)),
    module('outer', plays('passesSlowly', 20)),
  ]
  const centre = await gather({ modules })
  const failing = envelope(centre.call())
  await centre.pass(550)
  expect(await failing).toMatchObject({ kind: 'timeout', module: 'b' })
  expect(centre.who('after')).toEqual(['inner', 'outer'])
})

test('a wrapper that has answered cannot proceed any more', async () => {
  const modules = [module('a', plays('answers', 1)), module('w', plays('proceedsAfterAnswering', 50, [9]))]
  const centre = await gather({ hooks: [spec(['arg'], { shortCircuit: true })], modules })
  expect(await centre.call()).toEqual([9])
  await centre.pass(60)
  expect(centre.who('too late')).toEqual(['w'])
  expect(centre.who()).toEqual([])
})
