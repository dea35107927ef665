import { expect, test } from 'vitest'
import { plays } from './behaviours.ts'
import { gather, module } from './harness.ts'

const asked = plays('answers', null)

test('O01 the caller gets 3, 2, 1, and both styles of wrapper saw exactly that', async () => {
  const centre = await gather({
    modules: [
      module('a', plays('answers', 1)),
      module('b', plays('answers', 2)),
      module('c', plays('answers', 3)),
      module('d', plays('passesOutcome')),
      module('e', plays('passes')),
    ],
  })
  expect(await centre.call()).toEqual([3, 2, 1])
  expect(centre.saw('d', 'after')).toEqual([3, 2, 1])
  expect(centre.saw('e', 'after')).toEqual([3, 2, 1])
  expect(centre.who('after error')).toEqual([])
})

test('O02 normal ones are called newest first', async () => {
  const centre = await gather({ modules: [module('a', asked), module('b', asked), module('c', asked)] })
  await centre.call()
  expect(centre.who()).toEqual(['c', 'b', 'a'])
})

test('O03 tryfirst goes first although it is the oldest', async () => {
  const centre = await gather({
    modules: [module('a', { ...asked, place: 'tryfirst' }), module('b', asked), module('c', asked)],
  })
  await centre.call()
  expect(centre.who()).toEqual(['a', 'c', 'b'])
})

test('O04 trylast goes last', async () => {
  const centre = await gather({
    modules: [module('b', asked), module('a', { ...asked, place: 'trylast' }), module('c', asked)],
  })
  await centre.call()
  expect(centre.who()).toEqual(['c', 'b', 'a'])
})

test('O05 being newest does not help a trylast', async () => {
  const centre = await gather({
    modules: [module('b', asked), module('c', asked), module('a', { ...asked, place: 'trylast' })],
  })
  await centre.call()
  expect(centre.who()).toEqual(['c', 'b', 'a'])
})

test('O06 wrappers enclose every plain one, the newest outside, whatever their style', async () => {
  for (const wraps of [plays('passes'), plays('passesOutcome')]) {
    const centre = await gather({
      modules: [
        module('a', plays('passes')),
        module('b', wraps),
        module('c', asked),
        module('d', wraps),
        module('e', plays('passesOutcome')),
      ],
    })
    await centre.call()
    expect(centre.who('before')).toEqual(['e', 'd', 'b', 'a'])
    expect(centre.who('after')).toEqual(['a', 'b', 'd', 'e'])
    expect(centre.log().map(([name]) => name)).toEqual(['e', 'd', 'b', 'a', 'c', 'a', 'b', 'd', 'e'])
  }
})

test('O07 among wrappers a tryfirst is outermost, the newest of two', async () => {
  const centre = await gather({
    modules: [
      module('a', { ...plays('passes'), place: 'tryfirst' }),
      module('b', plays('passes')),
      module('c', { ...plays('passes'), place: 'tryfirst' }),
    ],
  })
  await centre.call()
  expect(centre.who('before')).toEqual(['c', 'a', 'b'])
})

test('O08 a participant of one call answers alone', async () => {
  const centre = await gather()
  expect(await centre.call({ arg: 1 }, { extra: [({ args }) => (args.arg as number) * 10] })).toEqual([10])
})

test('the order that pluggy has, verified there by running it: F E C A B D', async () => {
  const centre = await gather({
    modules: [
      module('a', asked),
      module('b', { ...asked, place: 'trylast' }),
      module('c', asked),
      module('d', { ...asked, place: 'trylast' }),
      module('e', { ...asked, place: 'tryfirst' }),
      module('f', { ...asked, place: 'tryfirst' }),
    ],
  })
  await centre.call()
  expect(centre.who().join(' ').toUpperCase()).toBe('F E C A B D')
})

test('participants of one call stand behind tryfirst and before the others, the last listed first', async () => {
  const centre = await gather({
    modules: [module('a', { ...plays('answers', 'a'), place: 'tryfirst' }), module('b', plays('answers', 'b'))],
  })
  const extra = [() => 'one', () => 'two']
  expect(await centre.call({ arg: 1 }, { extra })).toEqual(['a', 'two', 'one', 'b'])
})

test('before and after move a module inside its band, and whoever is away is no hindrance', async () => {
  const centre = await gather({
    modules: [
      module('a', { ...asked, before: ['c', 'nobody'] }),
      module('b', asked),
      module('c', asked),
      module('d', { ...asked, after: ['b'] }),
      module('e', { ...asked, place: 'trylast', before: ['a'] }),
    ],
  })
  expect(centre.plan()).toEqual(['b', 'd', 'a', 'c', 'e'])
})

test('the registration that closes a circle is refused, with the path', async () => {
  const centre = await gather({
    modules: [module('a', { ...asked, before: ['b'] }), module('b', { ...asked, before: ['c'] })],
  })
  const closing = centre.register(module('c', { ...asked, before: ['a'] }))
  await expect(closing).rejects.toThrow(
    'c (c-1) was refused: t.x: before and after go round in a circle: c → a → b → c',
  )
  expect(centre.plan()).toEqual(['a', 'b'])
})

test('each place has its reason', async () => {
  const centre = await gather({
    modules: [module('a', { ...asked, place: 'trylast' }), module('b', asked), module('c', { ...asked, after: ['b'] })],
  })
  const { plan } = await centre.detail()
  expect(plan).toEqual([
    "b/on-1: normal place, rank 2 (newer modules come first); before 'c', as that one asks",
    "c/on-1: normal place, rank 3 (newer modules come first); after 'b', as it asks",
    'a/on-1: it wants to be asked late (trylast), rank 1, alone there',
  ])
})

test('X01 the order does not depend on who arrives when', async () => {
  const modules = [module('a', asked), module('b', asked), module('c', asked)]
  for (const arrival of [
    ['a', 'b', 'c'],
    ['c', 'b', 'a'],
    ['b', 'c', 'a'],
    ['a', 'c', 'b'],
  ]) {
    const centre = await gather({ modules, arrival })
    expect(centre.plan()).toEqual(['c', 'b', 'a'])
  }
})

test('X02 a module that goes and comes back has its old place', async () => {
  const modules = [module('a', asked), module('b', asked), module('c', asked)]
  const centre = await gather({ modules })
  await centre.kernel.unregister('a')
  expect(centre.plan()).toEqual(['c', 'b'])
  await centre.register(modules[0]!)
  expect(centre.plan()).toEqual(['c', 'b', 'a'])
})
