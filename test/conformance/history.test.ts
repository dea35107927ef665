import { expect, test } from 'vitest'
import { plays } from './behaviours.ts'
import { COPIES, FORM, gather, module, spec } from './harness.ts'

const historic = (options = {}, rest = {}) => [spec(['arg'], { historic: { maxCount: 100, ...options }, ...rest })]
const times = (name: string, by: number) => module(name, plays('multiplies', 'arg', by))

const logOf = (centre: Awaited<ReturnType<typeof gather>>) =>
  centre
    .log()
    .filter(([, what]) => what === 'made')
    .map(([, , value]) => value)

test('O59 who comes later is told what was asked before, and only then what comes', async () => {
  const centre = await gather({ hooks: historic() })
  await centre.ever({ arg: 1 })
  await centre.register(times('a', 1))
  await centre.register(times('b', 10))
  await centre.ever({ arg: 12 })
  expect(logOf(centre)).toEqual([1, 10, 120, 12])
  if (FORM !== 'replicas') return
  // The second process of each was told the same, in the same order.
  for (const name of ['a', 'b']) expect(centre.toldToCopies(name)).toEqual(centre.log().filter(([who]) => who === name))
})

test('O60 answers are heard now and later, and need not be', async () => {
  const centre = await gather({ hooks: historic(), modules: [times('a', 10)] })
  const heard: unknown[] = []
  await centre.ever({ arg: 1 }, (value) => heard.push(value))
  await centre.register(times('b', 10))
  expect(heard).toEqual(Array(2 * COPIES).fill(10))
  await centre.ever({ arg: 2 })
})

test('O61 a wrapper of either style cannot stand on a historic hook', async () => {
  const centre = await gather({ hooks: historic() })
  for (const wraps of [plays('passes'), plays('passesOutcome')]) {
    await expect(centre.register(module('a', wraps))).rejects.toMatchObject({
      flaws: [{ code: 'wrapper-on-historic' }],
    })
  }
})

test('a historic hook cannot be asked like another', async () => {
  const centre = await gather({ hooks: historic() })
  expect(await centre.fails()).toMatchObject({ code: 'historic' })
})

test('what is asked while a module is being told the past is told to it once', async () => {
  const slow = module('a', plays('answersLater', 50, 'heard'))
  const centre = await gather({ hooks: historic() })
  await centre.ever({ arg: 1 })
  const registering = centre.register(slow)
  await centre.pass(10)
  await centre.ever({ arg: 2 })
  expect(centre.plan()).toEqual([])
  await centre.pass(100)
  await registering
  expect(centre.who('answered')).toEqual(['a', 'a'])
  expect(centre.plan()).toEqual(Array(COPIES).fill('a'))
})

test('the newest of each key is kept, not more than the count, not longer than the age', async () => {
  const hooks = [spec(['arg', 'site'], { historic: { key: 'site', maxCount: 2, maxAgeMs: 1_000 } })]
  const centre = await gather({ hooks })
  for (const [site, arg] of [
    ['x', 1],
    ['y', 2],
    ['z', 3],
    ['y', 4],
  ])
    await centre.ever({ site, arg })
  await centre.register(times('a', 1))
  expect(logOf(centre)).toEqual([3, 4])
  await centre.pass(1_001)
  await centre.register(times('b', 10))
  expect(logOf(centre)).toEqual([3, 4])
})

test('each process is told the past, or each module once', async () => {
  for (const [replay, expected] of [['instance', [1, 1, 1]] as const, ['module', [1]] as const]) {
    const centre = await gather({ hooks: historic({ replay }) })
    await centre.ever({ arg: 1 })
    await centre.register(times('a', 1))
    await centre.register({ ...times('a', 1), instance: 'a-2' })
    await centre.kernel.unregister('a')
    await centre.register({ ...times('a', 1), instance: 'a-3' })
    expect(logOf(centre)).toEqual(expected)
  }
})

test('what is told to every process reaches them all when they are there, too', async () => {
  const centre = await gather({ hooks: historic(), modules: [times('a', 1)] })
  await centre.register({ ...times('a', 1), instance: 'a-2' })
  await centre.ever({ arg: 7 })
  expect(logOf(centre)).toEqual([7, 7])
})

test('a cleared history is told to nobody', async () => {
  const centre = await gather({ hooks: historic() })
  await centre.ever({ arg: 1 })
  centre.kernel.history.clear('t.x')
  await centre.register(times('a', 1))
  expect(logOf(centre)).toEqual([])
})

test('a module that fails at its past is not let in, unless errors are skipped', async () => {
  const strict = await gather({ hooks: historic() })
  await strict.ever({ arg: 1 })
  await expect(strict.register(module('a', plays('throws', 'no')))).rejects.toThrow('no')
  expect(strict.kernel.book.names()).toEqual([])
  const lenient = await gather({ hooks: historic({}, { onError: 'skip' }) })
  await lenient.ever({ arg: 1 })
  await lenient.register(module('a', plays('throws', 'no')))
  expect(lenient.plan()).toEqual(Array(COPIES).fill('a'))
})

test('who was excluded is so for the moment only: a later process of it is told', async () => {
  const centre = await gather({ hooks: historic(), modules: [times('a', 1)] })
  await centre.kernel.askEver(centre.kernel.book.specOf('t.x')!, { arg: 1 }, { exclude: ['a'] })
  expect(logOf(centre)).toEqual([])
  await centre.kernel.unregister('a')
  await centre.register(times('a', 1))
  expect(logOf(centre)).toEqual([1])
})
