import { Type } from '@sinclair/typebox'
import { expect, test } from 'vitest'
import { plays } from './behaviours.ts'
import { COPIES, gather, module, spec } from './harness.ts'

const first = (options = {}) => [spec(['arg'], { mode: 'first', ...options })]
const skipping = (options = {}) => [spec(['arg'], { onError: 'skip', ...options })]

test('O18 no answer is no result', async () => {
  const modules = [module('a', plays('answers', 1)), module('b', plays('answers', null))]
  expect(await (await gather({ modules })).call()).toEqual([1])
  expect(await (await gather({ modules, hooks: first() })).call()).toBe(1)
})

test('O19 the first of nobody’s answers is null', async () => {
  const centre = await gather({ hooks: first(), modules: [module('a', plays('answers', null))] })
  expect(await centre.call()).toBeNull()
})

test('O20 without a module the first answer is null', async () => {
  expect(await (await gather({ hooks: first() })).call()).toBeNull()
})

test('O21 an outcome-style wrapper makes a 0 of the first answer, not a list', async () => {
  const modules = [module('a', plays('answers', 4)), module('w', plays('forces', 0))]
  expect(await (await gather({ hooks: first(), modules })).call()).toBe(0)
})

test('O23 streams are consumed in the plan’s order, and a wrapper that lets them pass changes nothing', async () => {
  const modules = [module('a', plays('streams', 1)), module('b', plays('streams', 2, 3))]
  for (const around of [[], [module('w', { ...plays('passesOutcome') })]]) {
    const centre = await gather({ modules: [...modules, ...around] })
    const parts: unknown[] = []
    for (const stream of (await centre.call()) as AsyncIterable<unknown>[])
      for await (const part of stream) parts.push(part)
    expect(parts).toEqual([2, 3, 1])
  }
})

test('0, an empty text, false and an empty list are answers', async () => {
  for (const value of [0, '', false, []]) {
    const modules = [module('a', plays('answers', 'older')), module('b', plays('answers', value))]
    const centre = await gather({ hooks: first(), modules })
    expect(await centre.call()).toEqual(value)
    expect(centre.who()).toEqual(['b'])
  }
})

test('O66 an unknown module is an error that says who is there, and not null', async () => {
  const centre = await gather({ modules: [module('a', plays('answers', 1))] })
  expect(() => centre.kernel.book.module('b')).toThrow("there is no module 'b'; there are: a")
})

test('O67 each module is asked once, with exactly these arguments', async () => {
  const modules = ['a', 'b', 'c'].map((name) => module(name, plays('echoes')))
  const centre = await gather({ hooks: [spec(['one', 'two'])], modules })
  await centre.call({ one: 1, two: [2] })
  expect(centre.log()).toEqual(['c', 'b', 'a'].map((name) => [name, 'asked', { one: 1, two: [2] }]))
})

test('O68 with stop the first error is the caller’s, and nobody is asked after it', async () => {
  const modules = [
    module('a', plays('answers', 1)),
    module('b', plays('throws', 'no')),
    module('c', plays('answers', 3)),
  ]
  const centre = await gather({ modules })
  expect(await centre.fails()).toMatchObject({ kind: 'thrown', module: 'b', message: 'no' })
  expect(centre.who()).toEqual(['c', 'b'])
})

test('O69 a hook that needs somebody says that nobody is there', async () => {
  const centre = await gather({ hooks: [spec(['arg'], { minImplementations: 1 })] })
  expect(await centre.fails()).toMatchObject({
    kind: 'unavailable',
    message: expect.stringMatching(/No t\.x extensions found/),
  })
})

test('O70 the same question to every module gives each one’s answer', async () => {
  const modules = ['a', 'b'].map((name) => module(name, { handler: 'get-name', ...plays('answers', `I am ${name}`) }))
  expect(await (await gather({ modules })).call()).toEqual(['I am b', 'I am a'])
})

test('O74 who is listed is called in the order of the list', async () => {
  const centre = await gather({ modules: ['t1', 't2'].map((name) => module(name, plays('answers', name))) })
  expect(await centre.call({ arg: 1 }, { only: ['t1', 't2'] })).toEqual(['t1', 't2'])
  expect(await centre.call({ arg: 1 }, { only: ['t2', 't1'] })).toEqual(['t2', 't1'])
})

test('O75 and those that fail leave the others their order', async () => {
  const good = ['t1', 't2'].map((name) => module(name, plays('answers', name)))
  const bad = ['e1', 'e2'].map((name) => module(name, plays('cannotStart', `${name} cannot start`)))
  const centre = await gather({ hooks: skipping(), modules: [...good, ...bad] })
  expect(await centre.call({ arg: 1 }, { only: ['e1', 't2', 'e2', 't1'] })).toEqual(['t2', 't1'])
})

test('O77 a driver’s hook without a module names the hook', async () => {
  const centre = await gather({ hooks: [spec(['arg'], { mode: 'driver' })] })
  expect(await centre.fails()).toMatchObject({
    code: 'no-implementations',
    message: expect.stringMatching(/No t\.x extensions found/),
  })
})

test('O78 why a driver cannot start reaches the caller', async () => {
  const modules = [module('a', plays('cannotStart', 'its database is gone')), module('b', plays('answers', 1))]
  const centre = await gather({ hooks: [spec(['arg'], { mode: 'driver' })], modules })
  expect(await centre.fails({ arg: 1 }, { only: ['a'] })).toMatchObject({
    ...{ module: 'a', code: 'cannot-start', message: 'its database is gone' },
    causes: [{ message: 'its database is gone' }],
  })
})

test('O79 of two drivers none is taken, and both are named', async () => {
  const modules = [module('a', plays('answers', 1)), module('b', plays('answers', 2))]
  const centre = await gather({ hooks: [spec(['arg'], { mode: 'driver' })], modules })
  expect(await centre.fails()).toMatchObject({
    code: 'several-implementations',
    message: expect.stringMatching(/b\/on-1, a\/on-1/),
  })
  expect(await centre.call({ arg: 1 }, { only: ['a'] })).toBe(1)
  expect(centre.who()).toEqual(['a'])
})

test('O80 two modules under one hook are both found, in the plan’s order', async () => {
  const centre = await gather({ modules: [module('a', plays('answers', 1)), module('b', plays('answers', 2))] })
  expect(centre.plan()).toEqual(['b', 'a'])
})

test('O81 another hook is an error and not an empty list', async () => {
  const centre = await gather({ modules: [module('a', plays('answers', 1))] })
  expect(await centre.fails({}, { hook: 't.other' })).toMatchObject({ code: 'hook-unknown' })
})

test('O82 a filter over the manifests asks one alone, with the arguments of the call', async () => {
  const modules = ['t1', 't2'].map((name) => ({ ...module(name, plays('echoes')), labels: { region: name } }))
  const centre = await gather({ modules })
  expect(await centre.call({ arg: 9 }, { where: ({ labels }) => labels.region === 't2' })).toEqual([{ arg: 9 }])
  expect(centre.who()).toEqual(['t2'])
})

test('O83 a name that nobody has is no error', async () => {
  const centre = await gather({ modules: ['t1', 't2'].map((name) => module(name, plays('answers', name))) })
  expect(await centre.call({ arg: 1 }, { only: ['t3', 't1'] })).toEqual(['t1'])
  expect(await centre.call({ arg: 1 }, { only: ['t3'] })).toEqual([])
})

test('O85 and the detailed result lists it', async () => {
  const centre = await gather({ modules: [module('foo', plays('answers', 1))] })
  const { unknown, result } = await centre.detail({ arg: 1 }, { only: ['foo', 'bar'] })
  expect({ unknown, result }).toEqual({ unknown: ['bar'], result: [1] })
})

test('O86 what a test brings is exactly what is there, in its order, without a network', async () => {
  const centre = await gather({ modules: ['a', 'b'].map((name) => module(name, plays('answers', name))) })
  expect(centre.kernel.book.names().sort()).toEqual(['a', 'b'])
  expect(centre.plan()).toEqual(['b', 'a'])
})

test('the first answer ends the call: later ones are never asked', async () => {
  const modules = [
    module('a', plays('answers', 'a')),
    module('b', plays('answers', 'b')),
    module('c', plays('answers', null)),
  ]
  const centre = await gather({ hooks: first(), modules })
  expect(await centre.call()).toBe('b')
  expect(centre.who()).toEqual(['c', 'b'])
})

test('in parallel the first answer is so by place and not by speed', async () => {
  const modules = [module('a', plays('answersLater', 10, 'a')), module('b', plays('answersLater', 90, 'b'))]
  const centre = await gather({ hooks: first({ dispatch: 'parallel', onError: 'skip' }), modules })
  const asked = centre.call()
  await centre.pass(100)
  expect(await asked).toBe('b')
})

test('a race is won by speed, whatever the losers do', async () => {
  const modules = [
    module('a', plays('answersLater', 10, 'a')),
    module('b', plays('answersLater', 90, 'b')),
    module('c', plays('throws', 'no')),
    module('d', plays('answers', null)),
  ]
  const centre = await gather({ hooks: [spec(['arg'], { mode: 'race', onError: 'skip' })], modules })
  const asked = centre.call()
  await centre.pass(10)
  expect(await asked).toBe('a')
  await centre.pass(100)
})

test('a race that nobody wins is null, or every error', async () => {
  const modules = [
    module('a', plays('throws', 'no')),
    module('b', plays('answers', null)),
    module('c', plays('isAway')),
  ]
  const race = (onError: 'skip' | 'aggregate') => [spec(['arg'], { mode: 'race', onError })]
  expect(await (await gather({ hooks: race('skip'), modules })).call()).toBeNull()
  const error = await (await gather({ hooks: race('aggregate'), modules })).fails()
  expect(error.errors?.map((one) => one.module)).toEqual(['c', 'a'])
})

test('skip leaves the failing one out, and says so beside the result', async () => {
  const modules = [
    module('a', plays('answers', 1)),
    module('b', plays('throws', 'no')),
    module('c', plays('answers', 3)),
  ]
  for (const dispatch of ['sequential', 'parallel'] as const) {
    const centre = await gather({ hooks: skipping({ dispatch }), modules })
    const { result, errors } = await centre.detail()
    expect(result).toEqual([3, 1])
    expect(errors.map((error) => error.module)).toEqual(['b'])
    expect(centre.notices('failed')).toHaveLength(1)
  }
})

test('aggregate asks everybody and gives every error', async () => {
  const modules = [
    module('a', plays('throws', 'one')),
    module('b', plays('answers', 1)),
    module('c', plays('throws', 'two')),
  ]
  for (const dispatch of ['sequential', 'parallel'] as const) {
    const centre = await gather({ hooks: [spec(['arg'], { onError: 'aggregate', dispatch })], modules })
    const error = await centre.fails()
    expect(error).toMatchObject({ code: 'several-errors', message: 'c: two; a: one' })
    expect(error.errors?.map(({ module, message }) => [module, message])).toEqual([
      ['c', 'two'],
      ['a', 'one'],
    ])
    // Side by side nobody says who is reached first.
    const who = dispatch === 'parallel' ? centre.who().sort().reverse() : centre.who()
    expect(who).toEqual(['c', 'b', 'a'])
  }
})

test('an answer that does not fit is the module’s error', async () => {
  const hooks = [spec(['arg'], { answer: Type.Integer(), onError: 'skip' })]
  const modules = [module('a', plays('answers', 1)), module('b', plays('answers', 'one'))]
  const { result, errors } = await (await gather({ hooks, modules })).detail()
  expect(result).toEqual([1])
  expect(errors[0]).toMatchObject({ module: 'b', kind: 'invalid', code: 'answer-invalid' })
})

test('the detailed form says who answered what', async () => {
  const modules = [module('a', plays('names')), { ...module('b', plays('names')), version: '2.1.0' }]
  const centre = await gather({ modules })
  const seen = new Set<unknown>()
  for (let nth = 0; nth < 8; nth += 1) {
    const { answers } = await centre.detail()
    expect(answers).toMatchObject([
      { module: 'b', version: '2.1.0', ms: 0 },
      { module: 'a', version: '1.0.0', ms: 0 },
    ])
    // The process that is named is the one that answered, whichever of them it is.
    for (const { value, instance } of answers) expect(instance).toBe(value)
    for (const { instance } of answers) seen.add(instance)
  }
  expect(seen.size).toBe(2 * COPIES)
})

test('who is excluded is so by its module, also with its wrapper', async () => {
  const modules = [
    module('a', plays('answers', 1)),
    { name: 'b', answers: [plays('answers', 2), { handler: 'around', ...plays('passes') }] },
  ]
  const centre = await gather({ modules })
  expect(await centre.call({ arg: 1 }, { exclude: ['b'] })).toEqual([1])
  expect(centre.who('before')).toEqual([])
})

test('one by one: who stops looking has asked nobody more', async () => {
  const centre = await gather({ modules: ['a', 'b', 'c'].map((name) => module(name, plays('answers', name))) })
  for await (const value of centre.kernel.askEach('t.x', { arg: 1 })) if (value === 'b') break
  expect(centre.who()).toEqual(['c', 'b'])
})

test('one by one in parallel: the plan’s order, each as soon as it can be', async () => {
  const modules = [module('a', plays('answers', 'a')), module('b', plays('answersLater', 50, 'b'))]
  const centre = await gather({ hooks: skipping({ dispatch: 'parallel' }), modules })
  const seen: unknown[] = []
  const looking = (async () => {
    for await (const value of centre.kernel.askEach('t.x', { arg: 1 })) seen.push(value)
  })()
  await centre.pass(49)
  expect(seen).toEqual([])
  await centre.pass(1)
  await looking
  expect(seen).toEqual(['b', 'a'])
})

test('one by one with a wrapper: it still sees the whole', async () => {
  const modules = [module('a', plays('answers', 1)), module('b', plays('answers', 2)), module('w', plays('passes'))]
  const centre = await gather({ modules })
  const seen: unknown[] = []
  for await (const value of centre.kernel.askEach('t.x', { arg: 1 })) seen.push(value)
  expect(seen).toEqual([2, 1])
  expect(centre.saw('w', 'after')).toEqual([2, 1])
})
