import { expect, test } from 'vitest'
import { plays } from './behaviours.ts'
import { gather, module, spec } from './harness.ts'

test('X10 a call is refused while a module that is required for it is away, whatever the policy says', async () => {
  const hooks = [spec(['arg'], { onError: 'skip' })]
  const centre = await gather({ hooks, modules: [module('a', plays('answers', 1)), module('auth', plays('isAway'))] })
  expect(await centre.call()).toEqual([1])
  centre.kernel.book.mark('t.x', { required: ['auth'] })
  expect(await centre.fails()).toMatchObject({ kind: 'unavailable', module: 'auth' })
  await centre.kernel.unregister('auth')
  const error = await centre.fails()
  expect(error).toMatchObject({ kind: 'unavailable', code: 'required-missing' })
  expect(error.message).toContain('auth')
  expect(centre.who()).toEqual(['a'])
})

test('X16 a catch-all that is trylast takes what the others leave, although it is newest', async () => {
  const hooks = [spec(['code'], { mode: 'first', onError: 'skip' })]
  const modules = [
    module('admin', plays('answersWhen', 'code', 'blocked-admin', { status: 403 })),
    module('catch-all', { ...plays('answers', { status: 500 }), place: 'trylast' }),
  ]
  const centre = await gather({ hooks, modules })
  expect(await centre.call({ code: 'blocked-admin' })).toEqual({ status: 403 })
  expect(await centre.call({ code: 'anything' })).toEqual({ status: 500 })
})

test('a module that may be away is passed over even where an error stops', async () => {
  const centre = await gather({ modules: [module('a', plays('answers', 1)), module('b', plays('isAway'))] })
  expect(await centre.fails()).toMatchObject({ module: 'b' })
  centre.kernel.book.mark('t.x', { optional: ['b'] })
  expect(await centre.call()).toEqual([1])
})

test('a hook may need several, and says how many are there', async () => {
  const centre = await gather({
    hooks: [spec(['arg'], { minImplementations: 2 })],
    modules: [module('a', plays('answers', 1))],
  })
  expect((await centre.fails()).message).toContain('2 implementations are needed, 1 are there')
  expect(centre.who()).toEqual([])
})

test('an error says who, where, what and why', async () => {
  const a = { ...module('a', plays('throws', 'out of paper', 'printer-empty')), version: '1.4.0', instance: 'a-7' }
  const centre = await gather({ modules: [a] })
  expect(await centre.fails()).toEqual({
    ...{ hook: 't.x', kind: 'thrown', code: 'printer-empty', message: 'out of paper' },
    ...{ module: 'a', version: '1.4.0', instance: 'a-7' },
    causes: [{ name: 'Error', code: 'printer-empty', message: 'out of paper' }],
  })
})

test('the error of a call inside a call keeps its kind and its code, and the chain names both', async () => {
  const modules = [
    { name: 'a', answers: [{ hook: 't.x', ...plays('asksOn', 't.y', { arg: 1 }) }] },
    { name: 'b', answers: [{ hook: 't.y', ...plays('isAway') }] },
  ]
  const centre = await gather({ hooks: [spec(['arg']), spec(['arg'], { name: 't.y' })], modules })
  const error = await centre.fails()
  expect(error).toMatchObject({ hook: 't.x', module: 'a', kind: 'unavailable', code: 'nobody-there' })
  expect(error.causes.map(({ name }) => name)).toEqual(['HookError'])
})
