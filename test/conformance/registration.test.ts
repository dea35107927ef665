import { hook } from '@recyclique/contracts'
import { expect, test } from 'vitest'
import type { Registering } from '../../kernel/hooks/hooks.ts'
import type { Registration } from '../../kernel/hooks/registration.ts'
import { plays } from './behaviours.ts'
import { gather, module, registrationOf, spec, type TestModule } from './harness.ts'

/**
 * Chosen where the specification leaves it open. O48 names a module without a name, P9 has no anonymous modules: the process that
 * starts it makes one up. O45 calls an undeclared hook: that is for development only (P30), as these tests are.
 */

const on = (name: string, ...hooks: string[]): TestModule => ({
  name,
  answers: hooks.map((hook) => ({ hook, ...plays('answers', name) })),
})

const warningsIn = (answer: Registering) => (answer.registered ? answer.warnings : [])

/** In one process, whatever the form: its name is looked at. */
const alone = (one: TestModule): TestModule => ({ ...one, instance: `${one.name}-1` })

test('O37 a policy of the kernel adapts what a module says, and leaves alone what it has said itself', async () => {
  const adapt = (said: Registration): Registration => {
    const { undeclared = [] } = said as Registration & { undeclared?: string[] }
    const call = () => 'found'
    const found = undeclared.filter((name) => name.startsWith('x1')).map((handler) => ({ handler, hook: 't.x', call }))
    return { ...said, answers: [...said.answers, ...found] }
  }
  const centre = await gather({ policy: { adapt } })
  await centre.register({ ...on('a'), undeclared: ['x1-meth', 'other'] } as TestModule)
  const explicit = { ...plays('passes'), place: 'tryfirst' as const }
  await centre.register(module('b', explicit))
  expect(await centre.call()).toEqual(['found'])
  expect(centre.kernel.book.plan('t.x')?.steps).toMatchObject([
    { handler: 'x1-meth', band: 'normal', isWrapper: false },
  ])
  expect(centre.kernel.book.plan('t.x')?.wrappers).toMatchObject([{ module: 'b', band: 'tryfirst', isWrapper: true }])
})

test('O38 who registers on a deprecated hook is let in, with one warning that says where', async () => {
  const centre = await gather({ hooks: [spec(['arg'], { deprecated: 'use t.y' })] })
  const answer = await centre.register(module('a', plays('answers', 1)))
  expect(answer).toMatchObject({
    registered: true,
    warnings: [
      { module: 'a', place: '/answers/0', code: 'hook-deprecated', words: expect.stringContaining('use t.y') },
    ],
  })
  expect(warningsIn(answer)).toHaveLength(1)
})

test('a deprecated argument is warned of in the order in which it is asked for', async () => {
  const hooks = [spec(['old', 'new', 'older'], { deprecatedArgs: { old: 'use new', older: 'gone in 2' } })]
  const centre = await gather({ hooks })
  const answer = await centre.register(module('a', { args: ['older', 'new', 'old'], ...plays('echoes') }))
  expect(warningsIn(answer).map(({ words }) => words)).toEqual([
    "a: 'older' of t.x is deprecated: gone in 2",
    "a: 'old' of t.x is deprecated: use new",
  ])
})

test('O39 a hook that contradicts itself cannot be declared', () => {
  const { args, answer } = spec(['arg'])
  const base = { name: 't.x', version: 1, deadlineMs: 100, args, answer }
  const historic = { maxCount: 1 }
  expect(() => hook({ ...base, mode: 'first', historic })).toThrow(/a historic hook collects, it cannot be first/)
  expect(() => hook({ ...base, mode: 'collect', historic: {} })).toThrow(/says what is kept/)
  expect(() => hook({ ...base, mode: 'collect', dispatch: 'parallel' })).toThrow(/say skip or aggregate/)
  expect(() => hook({ ...base, mode: 'race' })).toThrow(/say skip or aggregate/)
  expect(() => hook({ ...base, mode: 'pipeline' })).toThrow(/the same schema for both/)
  expect(() => hook({ ...base, name: 'x', mode: 'collect', deadlineMs: 0 })).toThrow(/its name .*; its deadline/)
})

test('O40 a hook has one owner', async () => {
  const centre = await gather({ hooks: [] })
  centre.kernel.book.declare('one', [spec(['arg'], { name: 't.conflict' })])
  expect(() => centre.kernel.book.declare('two', [spec(['arg'], { name: 't.conflict' })])).toThrow(
    "two: the hook 't.conflict' belongs to one",
  )
})

test('O41 a document without hooks is an error', async () => {
  const centre = await gather()
  expect(() => centre.kernel.book.declare('nobody', [])).toThrow('nobody declares no hooks')
})

test('O42 whoever waits for a hook is checked when it is declared, and can be called', async () => {
  const centre = await gather({ hooks: [], modules: [on('a', 't.x')] })
  expect(centre.kernel.book.declare('late', [spec(['arg'])])).toEqual([])
  expect(await centre.call()).toEqual(['a'])
  expect(centre.kernel.book.hooksOf('a')).toEqual(['t.x'])
  expect(centre.kernel.book.pending()).toEqual([])
})

test('one that does not fit the hook that it waited for is taken out, and named', async () => {
  const modules = [module('a', { args: ['wrong'], ...plays('echoes') }), on('b', 't.x')]
  const centre = await gather({ hooks: [], modules })
  expect(centre.kernel.book.declare('late', [spec(['arg'])])).toMatchObject([{ module: 'a', code: 'argument-unknown' }])
  expect(centre.plan()).toEqual(['b'])
})

test('O43 a handler of any name stands on the hook that it names', async () => {
  const a = { name: 'a', answers: [{ handler: 'foo', hook: 't.hello', ...plays('answers', 'hi') }] }
  const centre = await gather({ hooks: [spec(['arg'], { name: 't.hello' })], modules: [a] })
  expect(await centre.call({ arg: 1 }, { hook: 't.hello' })).toEqual(['hi'])
})

test('O44 an unknown hook may be waited for, and who waits is listed', async () => {
  const centre = await gather({ modules: [on('a', 't.unknown')] })
  expect(centre.kernel.book.pending()).toMatchObject([{ module: 'a', code: 'hook-unknown' }])
})

test('O45 one that says that it may stay unknown is not listed', async () => {
  const a = { name: 'a', answers: [{ hook: 't.maybe', isOptional: true, ...plays('answers', 1) }] }
  const centre = await gather({ modules: [a], isDevelopment: true })
  expect(centre.kernel.book.pending()).toEqual([])
  expect(await centre.call({}, { hook: 't.maybe' })).toEqual([1])
})

test('O46 an undeclared hook needs what is asked for, and is still listed as unknown', async () => {
  const a = module('a', { args: ['param'], ...plays('echoes') })
  const centre = await gather({ hooks: [], modules: [a], isDevelopment: true })
  expect((await centre.fails({})).message).toContain("'param'")
  expect(centre.kernel.book.pending().map(({ words }) => words)).toEqual(["a: unknown hook 't.x'"])
})

test('O47 a process that is registered cannot be so again, under its name or another', async () => {
  const centre = await gather()
  const abc = { ...on('abc', 't.x'), instance: 'i-1' }
  await centre.register(abc)
  await expect(centre.register(abc)).rejects.toThrow("'i-1' is registered already, as abc")
  await expect(centre.register({ ...abc, name: 'def' })).rejects.toThrow("'i-1' is registered already, as abc")
  expect(centre.kernel.book.names()).toEqual(['abc'])
})

test('O48 of two one is unregistered and given back, the other stays', async () => {
  const centre = await gather({ modules: [on('m-7f3a', 't.x'), on('hello', 't.x')] })
  expect(centre.kernel.book.names().sort()).toEqual(['hello', 'm-7f3a'])
  expect(await centre.kernel.unregister('m-7f3a')).toMatchObject({ name: 'm-7f3a', version: '1.0.0' })
  expect(centre.kernel.book.names()).toEqual(['hello'])
})

test('O49 a name can be used again, whichever way it was given up', async () => {
  const centre = await gather()
  const hello = { ...on('hello', 't.x'), instance: 'h-1' }
  const leaving = [() => centre.kernel.leave('h-1'), () => centre.kernel.unregister('hello')]
  for (const leave of leaving) {
    await centre.register(hello)
    expect(centre.kernel.book.hooksOf('hello')).toEqual(['t.x'])
    await leave()
    expect(centre.kernel.book.hooksOf('hello')).toBeNull()
    expect(centre.plan()).toEqual([])
  }
})

test('O50 who is gone cannot go again', async () => {
  const centre = await gather({ modules: [alone(on('a', 't.x')), on('b', 't.x')] })
  await centre.kernel.leave('a-1')
  expect(centre.plan()).toEqual(['b'])
  await expect(centre.kernel.leave('a-1')).rejects.toThrow("'a-1' is not registered")
  expect(await centre.kernel.unregister('a')).toBeNull()
})

test('O51 a blocked name can be unregistered twice', async () => {
  const centre = await gather({ modules: [on('a', 't.x')] })
  await centre.kernel.block('a')
  expect(await centre.kernel.unregister('a')).toBeNull()
  expect(await centre.kernel.unregister('a')).toBeNull()
  expect(centre.kernel.book.isBlocked('a')).toBe(true)
})

test('a blocked name is not let in, which is no error, until it is unblocked', async () => {
  const centre = await gather({ modules: [on('a', 't.x')] })
  expect(await centre.kernel.block('a')).toMatchObject({ name: 'a' })
  expect(await centre.register(on('a', 't.x'))).toEqual({ registered: false, reason: 'blocked' })
  expect(centre.kernel.book.unblock('a')).toBe(true)
  expect(centre.kernel.book.unblock('a')).toBe(false)
  expect(await centre.register(on('a', 't.x'))).toMatchObject({ registered: true, name: 'a', rank: 1 })
})

test('O52 a hook stays when its last module goes', async () => {
  const a = module('a', plays('adds', 'arg', 1))
  const centre = await gather({ modules: [a] })
  expect(await centre.call({ arg: 3 })).toEqual([4])
  await centre.kernel.unregister('a')
  expect(await centre.call({ arg: 3 })).toEqual([])
})

test('O53 two handlers on one hook are two steps, and one entry in the list', async () => {
  const centre = await gather({
    hooks: ['t.hello', 't.goodbye'].map((name) => spec(['arg'], { name })),
    modules: [on('a', 't.hello', 't.hello', 't.goodbye')],
  })
  expect(centre.kernel.book.hooksOf('a')).toEqual(['t.hello', 't.goodbye'])
  expect(await centre.call({ arg: 1 }, { hook: 't.hello' })).toEqual(['a', 'a'])
})

test('O54 each module lists its own hooks', async () => {
  const centre = await gather({
    hooks: ['t.h1', 't.h2'].map((name) => spec(['arg'], { name })),
    modules: [on('a', 't.h1', 't.h2'), on('b', 't.h1'), on('c', 't.h2')],
  })
  const { hooksOf } = centre.kernel.book
  expect(['a', 'b', 'c'].map((name) => hooksOf(name)?.length)).toEqual([2, 1, 1])
  expect(hooksOf('d')).toBeNull()
})

test('O55 each hook lists exactly its modules', async () => {
  const centre = await gather({ modules: [on('a', 't.x'), on('b', 't.x'), on('c')] })
  expect(centre.plan()?.sort()).toEqual(['a', 'b'])
})

test('O56 who has nothing on a hook cannot be taken off it', async () => {
  const centre = await gather({ modules: [on('a', 't.x'), on('b')] })
  expect(() => centre.kernel.book.withdraw('t.x', 'b')).toThrow("'b' has nothing on t.x")
  expect(centre.plan()).toEqual(['a'])
  centre.kernel.book.withdraw('t.x', 'a')
  expect(centre.plan()).toEqual([])
})

test('O58 what a manifest says beside the point neither harms nor counts', async () => {
  const centre = await gather()
  const hostile = JSON.parse('{"__proto__":{"isBlocked":true},"constructor":{"prototype":1},"toString":"x"}')
  const said = { ...registrationOf(on('a', 't.x'), { log: () => {} } as never), ...hostile }
  Object.defineProperty(said, 'trap', {
    enumerable: true,
    get() {
      throw new Error('looked at')
    },
  })
  expect(await centre.kernel.register(said)).toMatchObject({ registered: true, name: 'a' })
  expect(await centre.call()).toEqual(['a'])
  await expect(
    centre.register(module('b', { args: ['__proto__', 'constructor'], ...plays('echoes') })),
  ).rejects.toThrow(/__proto__.*constructor/)
})

test('O71 of two modules with one name the last is used, with one warning', async () => {
  const warnings: string[] = []
  const policy = { conflict: 'last-wins' as const, warn: ({ words }: { words: string }) => void warnings.push(words) }
  const centre = await gather({ policy, modules: [alone(on('a', 't.x'))] })
  await centre.register({ ...module('a', plays('answers', 'new')), version: '2.0.0', instance: 'a-2' })
  expect(await centre.call()).toEqual(['new'])
  expect(warnings).toEqual(["two modules are named 'a': 1.0.0 (a-1) and 2.0.0 (a-2) (t.x)"])
})

test('O72 a resolver of one’s own may keep the first', async () => {
  const centre = await gather({ policy: { conflict: (_name, kept) => kept }, modules: [alone(on('a', 't.x'))] })
  const second = { ...module('a', plays('answers', 'new')), version: '2.0.0', instance: 'a-2' }
  await expect(centre.register(second)).rejects.toThrow(': 1.0.0 (a-1) was kept')
  expect(await centre.call()).toEqual(['a'])
  expect(centre.kernel.book.module('a').said.version).toBe('1.0.0')
})

test('by default the second of two different modules with one name is refused', async () => {
  const centre = await gather({ modules: [on('a', 't.x')] })
  const second = { ...on('a', 't.x'), version: '2.0.0', instance: 'a-2' }
  await expect(centre.register(second)).rejects.toMatchObject({ flaws: [{ code: 'name-taken' }] })
})

test('a second process of one module is no second module', async () => {
  const centre = await gather({ modules: [alone(on('a', 't.x'))] })
  await centre.register({ ...on('a', 't.x'), instance: 'a-2' })
  expect(await centre.call()).toEqual(['a'])
  await centre.kernel.leave('a-1')
  expect(await centre.call()).toEqual(['a'])
  await centre.kernel.leave('a-2')
  expect(await centre.call()).toEqual([])
})

test('everything that is wrong is said at once, and nothing is registered', async () => {
  const centre = await gather({ hooks: [spec(['arg']), spec(['arg'], { name: 't.y' })] })
  const a = {
    name: 'a',
    answers: [
      { ...plays('answers', 1) },
      { args: ['wrong'], ...plays('echoes') },
      { hook: 't.y', ...plays('passes'), isOutcomeWrapper: true },
    ],
  }
  await expect(centre.register(a)).rejects.toMatchObject({
    flaws: [
      { place: '/answers/1', code: 'argument-unknown' },
      { place: '/answers/2', code: 'wrapper-doubled' },
    ],
  })
  expect(centre.kernel.book.names()).toEqual([])
  expect(await centre.call()).toEqual([])
})

test('who registers or goes during a call is in the next one; who goes has gone when the call is over', async () => {
  const modules = [module('a', plays('answers', 'a')), module('b', plays('answersLater', 50, 'b'))]
  const centre = await gather({ modules })
  const call = centre.call()
  let isGone = false
  const going = centre.kernel.unregister('a').then(() => {
    isGone = true
  })
  await centre.register(on('c', 't.x'))
  await centre.pass(10)
  expect(isGone).toBe(false)
  await centre.pass(40)
  expect(await call).toEqual(['b', 'a'])
  await going
  const next = centre.call()
  await centre.pass(50)
  expect(await next).toEqual(['c', 'b'])
})

test('a call whose answers are taken one by one is waited for as well', async () => {
  const centre = await gather({ modules: [on('a', 't.x'), on('b', 't.x')] })
  const taking = centre.kernel.askEach('t.x', { arg: 1 })
  expect(await taking.next()).toEqual({ done: false, value: 'b' })
  let isGone = false
  const going = centre.kernel.unregister('a').then(() => {
    isGone = true
  })
  await centre.pass(0)
  expect(isGone).toBe(false)
  expect(await taking.next()).toEqual({ done: false, value: 'a' })
  expect(await taking.next()).toMatchObject({ done: true })
  await going
})
