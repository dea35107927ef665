import { Type } from '@sinclair/typebox'
import { expect, test } from 'vitest'
import { plays } from './behaviours.ts'
import { gather, module, spec } from './harness.ts'

/**
 * Chosen where the specification leaves it open. O25 lets a wrapper give `{seen: […]}` where a collecting hook gives a list, and R6
 * honours even null; R3 promises the caller a form. Both hold: a hook says with `outcome` which other form a wrapper may give (the
 * hooks of these tests: any), and without it the mode's own form is checked. O35: pluggy warns for its old style only, so the
 * outcome-style face marks such an error; a return-style wrapper that throws is simply the new error.
 */

const first = (options = {}) => [spec(['arg'], { mode: 'first', ...options })]

test('O24 before, the inner one, after; and the same for the first answer', async () => {
  const modules = [module('b', plays('answers', 2)), module('a', plays('passesOutcome'))]
  for (const [hooks, result] of [[[spec(['arg'])], [2]] as const, [first(), 2] as const]) {
    const centre = await gather({ hooks, modules })
    expect(await centre.call()).toEqual(result)
    expect(centre.log()).toEqual([
      ['a', 'before'],
      ['b', 'asked'],
      ['a', 'after', result],
    ])
  }
})

test('O25 what a return-style wrapper returns is the result', async () => {
  const modules = [module('b', plays('answers', 2)), module('a', plays('wrapsIn', 'seen'))]
  expect(await (await gather({ modules })).call()).toEqual({ seen: [2] })
  expect(await (await gather({ hooks: first(), modules })).call()).toEqual({ seen: 2 })
})

test('O26 four wrappers of both styles around nothing', async () => {
  const modules = [
    module('w4', plays('passesOutcome')),
    module('w3', plays('passes')),
    module('w2', plays('passesOutcome')),
    module('w1', plays('passes')),
  ]
  const centre = await gather({ modules })
  expect(await centre.call()).toEqual([])
  expect(centre.who('before')).toEqual(['w1', 'w2', 'w3', 'w4'])
  expect(centre.who('after')).toEqual(['w4', 'w3', 'w2', 'w1'])
})

test('O27 a wrapper that never proceeds fails the call, by name', async () => {
  const centre = await gather({ modules: [module('b', plays('answers', 1)), module('a', plays('neverProceeds', 9))] })
  const error = await centre.fails()
  expect(error).toMatchObject({ module: 'a', code: 'did-not-proceed' })
  expect(error.message).toContain('a did not proceed')
  expect(centre.who()).toEqual([])
})

test('O28 a second proceed is refused and fails the call, and what is inside ran once', async () => {
  const centre = await gather({ modules: [module('b', plays('answers', 1)), module('a', plays('proceedsTwice'))] })
  const error = await centre.fails()
  expect(error).toMatchObject({ module: 'a', code: 'second-proceed' })
  expect(error.message).toContain('second proceed in a')
  expect(centre.who()).toEqual(['b'])
})

test('O29 a wrapper whose code cannot proceed is refused', async () => {
  const centre = await gather()
  const a = module('a', { ...plays('answers', 1), isWrapper: true, canProceed: false })
  await expect(centre.register(a)).rejects.toMatchObject({ module: 'a', flaws: [{ code: 'wrapper-cannot' }] })
})

test('O30 a handler with both wrapper styles is refused', async () => {
  const centre = await gather()
  const a = module('a', { ...plays('passes'), isOutcomeWrapper: true })
  await expect(centre.register(a)).rejects.toThrow(/mutually exclusive/)
})

test('O31 the after-part of an outcome-style wrapper sees the error, ends, and the caller gets it', async () => {
  const centre = await gather({ modules: [module('b', plays('throws', 'no')), module('a', plays('passesOutcome'))] })
  expect(await centre.fails()).toMatchObject({ module: 'b', message: 'no' })
  expect(centre.log()).toEqual([
    ['a', 'before'],
    ['b', 'asked'],
    ['a', 'after error', 'no'],
  ])
})

test('O32 proceed throws in a return-style wrapper, it cleans up, and the same error reaches the caller', async () => {
  for (const [inner, kind] of [[plays('throws', 'no'), 'thrown'] as const, [plays('isAway'), 'unavailable'] as const]) {
    const centre = await gather({ modules: [module('b', inner), module('a', plays('cleansUp'))] })
    expect(await centre.fails()).toMatchObject({ module: 'b', kind })
    expect(centre.who('cleaned up')).toEqual(['a'])
    expect(centre.notices('failed')).toHaveLength(1)
  }
})

test('O33 a cancellation goes through wrappers of either style unchanged, and is not taken for an end', async () => {
  const modules = [module('b', plays('cancels')), module('a', plays('passesOutcome')), module('c', plays('cleansUp'))]
  const centre = await gather({ modules })
  expect(await centre.fails()).toMatchObject({ module: 'b', code: 'AbortError', message: 'cancelled' })
  expect(centre.who('after error')).toEqual(['a'])
  expect(centre.who('cleaned up')).toEqual(['c'])
})

test('O34 through a plain wrapper the caller gets the module’s own words', async () => {
  const centre = await gather({ modules: [module('b', plays('throws', 'out of paper')), module('a', plays('passes'))] })
  expect(await centre.fails()).toMatchObject({ module: 'b', kind: 'thrown', message: 'out of paper' })
})

test('O35 an outcome-style wrapper that throws after it proceeded fails the call, with one warning', async () => {
  const modules = [
    module('plugin1', plays('answers', 1)),
    module('plugin2', plays('raisesAfter', 'torn')),
    module('plugin3', plays('passes')),
  ]
  const centre = await gather({ modules })
  expect(await centre.fails()).toMatchObject({ module: 'plugin2', message: 'torn' })
  expect(centre.warnings()).toEqual([
    expect.objectContaining({ module: 'plugin2', hook: 't.x', words: expect.stringContaining('torn') }),
  ])
})

test('O36 an error that is read three times stays as long as it was', async () => {
  const centre = await gather({ modules: [module('b', plays('throws', 'no')), module('a', plays('readsThrice'))] })
  const [failed, again] = [await centre.fails(), centre.log().filter(([, what]) => what === 'read')]
  expect(again).toHaveLength(3)
  expect(new Set(again.map(([, , seen]) => JSON.stringify(seen))).size).toBe(1)
  expect(failed.causes).toEqual([{ name: 'Error', code: 'Error', message: 'no' }])
})

test('X08 a wrapper is lost after it proceeded: its error, or the inner result, as the hook says', async () => {
  const modules = [module('b', plays('answers', 2)), module('a', plays('diesAfterProceeding'))]
  const strict = await gather({ modules })
  expect(await strict.fails()).toMatchObject({ module: 'a', kind: 'unavailable' })
  expect(strict.who()).toEqual(['b'])
  const lenient = await gather({ hooks: [spec(['arg'], { wrapperLost: 'pass' })], modules })
  expect(await lenient.call()).toEqual([2])
  expect(lenient.who()).toEqual(['b'])
  expect(lenient.notices('failed')).toHaveLength(1)
})

test('null from a wrapper is the new result', async () => {
  const modules = [module('b', plays('answers', 2)), module('a', plays('givesInstead', null))]
  expect(await (await gather({ modules })).call()).toBeNull()
  expect(await (await gather({ hooks: first(), modules })).call()).toBeNull()
})

test('without an outcome of its own a hook keeps its promise against a wrapper', async () => {
  const hooks = [spec(['arg'], { answer: Type.Integer(), outcome: undefined as never })]
  const modules = [module('b', plays('answers', 2)), module('a', plays('wrapsIn', 'seen'))]
  expect(await (await gather({ hooks, modules })).fails()).toMatchObject({ module: 'a', code: 'outcome-invalid' })
})

test('a wrapper may swallow an error, and the ones around it see a result', async () => {
  const modules = [
    module('b', plays('throws', 'no')),
    module('a', plays('swallows', ['saved'])),
    module('c', plays('passes')),
  ]
  const centre = await gather({ modules })
  expect(await centre.call()).toEqual(['saved'])
  expect(centre.saw('c', 'after')).toEqual(['saved'])
})

test('an error in a before-part: nothing inside runs, the ones around it see it, it has no after-part', async () => {
  const modules = [
    module('b', plays('answers', 1)),
    module('inner', plays('passes')),
    module('a', plays('throwsBefore', 'no')),
    module('c', plays('passes')),
  ]
  const centre = await gather({ modules })
  expect(await centre.fails()).toMatchObject({ module: 'a', message: 'no' })
  expect(centre.log()).toEqual([
    ['c', 'before'],
    ['a', 'before'],
    ['c', 'after error', 'no'],
  ])
})

test('a forced error is the new error, without a warning', async () => {
  const centre = await gather({
    modules: [module('b', plays('answers', 1)), module('a', plays('forcesError', 'closed'))],
  })
  expect(await centre.fails()).toMatchObject({ module: 'a', message: 'closed' })
  expect(centre.warnings()).toEqual([])
})

test('where the hook allows it a wrapper answers without proceeding', async () => {
  const modules = [module('b', plays('answers', 1)), module('a', plays('neverProceeds', [9]))]
  const centre = await gather({ hooks: [spec(['arg'], { shortCircuit: true })], modules })
  expect(await centre.call()).toEqual([9])
  expect(centre.who()).toEqual([])
})

test('a wrapper that is away before it proceeded is skipped where errors are skipped, unless it is required', async () => {
  const away = module('a', { ...plays('isAway'), isWrapper: true })
  const centre = await gather({
    hooks: [spec(['arg'], { onError: 'skip' })],
    modules: [module('b', plays('answers', 1)), away],
  })
  expect(await centre.call()).toEqual([1])
  centre.kernel.book.mark('t.x', { required: ['a'] })
  expect(await centre.fails()).toMatchObject({ module: 'a', kind: 'unavailable' })
})
