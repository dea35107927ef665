import { Type } from '@sinclair/typebox'
import { expect, test } from 'vitest'
import { plays } from './behaviours.ts'
import { gather, module, registrationOf, spec } from './harness.ts'

/**
 * Chosen where the specification leaves it open: "nobody on a hook costs one look-up" and "each call warns of missing arguments,
 * even without implementations" (O16) are both kept: the names are looked at, the values only when somebody is there to be asked.
 */

test('O09 each one receives only what it asked for', async () => {
  const centre = await gather({
    hooks: [spec(['x', 'y'])],
    modules: [
      module('a', { args: ['x'], ...plays('adds', 'x', 1) }),
      module('b', { args: ['x', 'y'], ...plays('addsField', 'x', 'y', 0) }),
    ],
  })
  expect(await centre.call({ x: 23, y: 24 })).toEqual([47, 24])
  expect(centre.saw('a')).toEqual({ x: 23 })
  expect(centre.saw('b')).toEqual({ x: 23, y: 24 })
})

test('O10 a default of the module holds while the argument is not given, and it is passed when it is', async () => {
  const args = Type.Object({ x: Type.Any(), y: Type.Any(), z: Type.Optional(Type.Any()) })
  const a = module('a', { args: ['x', 'z'], ...plays('addsField', 'x', 'z', 1) })
  const centre = await gather({ hooks: [spec(args)], modules: [a] })
  expect(await centre.call({ x: 23, y: 24 })).toEqual([24])
  expect(await centre.call({ x: 23, y: 24, z: 7 })).toEqual([30])
})

test('O11 what is sent to one contains nothing of the other', async () => {
  const centre = await gather({
    hooks: [spec(['arg1', 'arg2', 'common'])],
    modules: [
      module('a', { args: ['arg1', 'common'], ...plays('addsField', 'arg1', 'common', 0) }),
      module('b', { args: ['arg2', 'common'], ...plays('addsField', 'arg2', 'common', 0) }),
    ],
  })
  expect(await centre.call({ arg1: 1, arg2: 2, common: 0 })).toEqual([2, 1])
  expect(centre.saw('a')).toEqual({ arg1: 1, common: 0 })
  expect(centre.saw('b')).toEqual({ arg2: 2, common: 0 })
})

test('O12 without an argument that it needs a module is not asked, and the error names the argument', async () => {
  const a = module('a', { args: ['x'], ...plays('echoes') })
  const centre = await gather({ hooks: [], modules: [a], isDevelopment: true })
  expect(await centre.fails({})).toMatchObject({ kind: 'invalid', module: 'a', message: expect.stringMatching(/'x'/) })
  expect(centre.who()).toEqual([])
})

test('O13 arguments by position are refused before anyone is asked', async () => {
  const centre = await gather({ modules: [module('a', plays('echoes'))] })
  for (const given of [[1], 1, 'one', null]) {
    expect(await centre.fails(given)).toMatchObject({ kind: 'invalid', code: 'arguments-by-name' })
  }
  expect(centre.who()).toEqual([])
  const empty = await gather()
  expect(await empty.fails([1])).toMatchObject({ code: 'arguments-by-name' })
})

test('O14 who asks for an argument that the hook has not is refused', async () => {
  const centre = await gather()
  const a = module('a', { args: ['arg', 'argwrong'], ...plays('echoes') })
  await expect(centre.register(a)).rejects.toThrow(/argwrong/)
  expect(centre.plan()).toEqual([])
})

test('O15 and the error names the module in a field of its own', async () => {
  const centre = await gather()
  const a = module('a', { args: ['argwrong'], ...plays('echoes') })
  await expect(centre.register(a)).rejects.toMatchObject({
    ...{ name: 'RegistrationRefused', module: 'a', instance: 'a-1' },
    flaws: [{ module: 'a', instance: 'a-1', place: '/answers/0', code: 'argument-unknown' }],
  })
})

test('O16 each call warns of what is missing, in the order of the declaration, and is completed', async () => {
  const historic = spec(['arg1', 'arg2'], { name: 't.h', historic: { maxCount: 10 } })
  const centre = await gather({ hooks: [spec(['arg1', 'arg2']), historic] })
  expect(await centre.call({})).toEqual([])
  expect(await centre.call({ arg2: 2 })).toEqual([])
  expect(await centre.call({ arg1: 1 })).toEqual([])
  expect(await centre.call({}, { extra: [() => 'x'] })).toEqual(['x'])
  await centre.kernel.askEver(historic, {})
  expect(centre.warnings().map((one) => `${one.hook} ${'words' in one && one.words}`)).toEqual([
    "t.x called without 'arg1', 'arg2'",
    "t.x called without 'arg1'",
    "t.x called without 'arg2'",
    "t.x called without 'arg1', 'arg2'",
    "t.h called without 'arg1', 'arg2'",
  ])
})

test('O17 an undeclared hook works once all that is asked for is given', async () => {
  const a = module('a', { args: ['passed', 'missing'], ...plays('answersField', 'passed') })
  const centre = await gather({ hooks: [], modules: [a], isDevelopment: true })
  expect(await centre.fails({ passed: 1 })).toMatchObject({
    code: 'argument-missing',
    message: expect.stringMatching(/'missing'/),
  })
  expect(await centre.call({ passed: 1, missing: 2 })).toEqual([1])
})

test('O22 an undeclared hook lets an argument lie that nobody asked for', async () => {
  const a = module('a', { args: ['arg'], ...plays('answersField', 'arg') })
  const centre = await gather({ hooks: [], modules: [a], isDevelopment: true })
  expect(await centre.call({ arg: 1, extra: 2 })).toEqual([1])
  expect(centre.saw('a')).toEqual({ arg: 1 })
})

test('outside development an undeclared hook cannot be asked', async () => {
  const centre = await gather({ hooks: [], modules: [module('a', plays('answers', 1))] })
  expect(await centre.fails()).toMatchObject({ kind: 'invalid', code: 'hook-unknown' })
})

test('a value that does not fit is refused before anyone is asked', async () => {
  const hooks = [spec(Type.Object({ cents: Type.Integer(), words: Type.Optional(Type.String()) }))]
  const centre = await gather({ hooks, modules: [module('a', plays('echoes'))] })
  expect(await centre.fails({ cents: 1.5 })).toMatchObject({
    kind: 'invalid',
    code: 'argument-invalid',
    message: expect.stringMatching(/cents/),
  })
  expect(await centre.fails({ words: 7 })).toMatchObject({
    code: 'argument-invalid',
    message: expect.stringMatching(/words/),
  })
  expect(centre.who()).toEqual([])
})

test('a default of the hook counts as given', async () => {
  const hooks = [spec(Type.Object({ x: Type.Integer({ default: 7 }) }))]
  const centre = await gather({ hooks, modules: [module('a', { args: ['x'], ...plays('echoes') })] })
  expect(await centre.call({})).toEqual([{ x: 7 }])
  expect(centre.warnings()).toEqual([])
})

test('no module reaches the arguments of another, or the caller’s', async () => {
  const modules = [module('a', plays('echoes')), module('b', plays('scribbles', 'arg', 'scribbled'))]
  const centre = await gather({ modules })
  const args = { arg: 'mine' }
  expect(await centre.call(args)).toEqual([{ arg: 'mine' }])
  expect(args).toEqual({ arg: 'mine' })
})

test('a question is plain data, but for its chain of visits', async () => {
  const centre = await gather()
  const [seen] = (await centre.call({ arg: 1 }, { extra: [(question) => question] })) as unknown[]
  expect(JSON.parse(JSON.stringify(seen))).toEqual({
    ...{ hook: 't.x', version: 1, args: { arg: 1 }, callId: 'call-1', depth: 0 },
    ...{ deadline: centre.clock.now() + 500, visit: { hook: 't.x', module: 'caller.1' } },
  })
  expect(registrationOf(module('a', plays('echoes')), {} as never).answers[0]).toMatchObject({ hook: 't.x' })
})
