import { Type } from '@sinclair/typebox'
import { expect, test } from 'vitest'
import { plays } from './behaviours.ts'
import { gather, module, spec } from './harness.ts'

/** Chosen where the specification leaves it open: a step answers `{patch}` or `{replace}`, so that neither is taken for the other. */

const Order = Type.Object(
  {
    cents: Type.Integer(),
    note: Type.Optional(Type.String()),
    tags: Type.Optional(Type.Record(Type.String(), Type.Any())),
  },
  { additionalProperties: false },
)
const hooks = [spec(Order, { mode: 'pipeline', outcome: undefined as never })]

test('X12 each sees what the one before made of it, the caller’s own stays, and a bad patch is named', async () => {
  const modules = [
    module('c', plays('patches', { note: null })),
    module('b', plays('patches', { cents: 2 })),
    module('a', plays('patches', { note: 'fragile' })),
  ]
  const centre = await gather({ hooks, modules })
  const order = { cents: 1 }
  expect(await centre.call(order)).toEqual({ cents: 2 })
  expect(centre.saw('b')).toEqual({ cents: 1, note: 'fragile' })
  expect(centre.saw('c')).toEqual({ cents: 2, note: 'fragile' })
  expect(order).toEqual({ cents: 1 })
  const bad = await gather({
    hooks,
    modules: [...modules.slice(0, 1), module('b', plays('patches', { cents: 'two' }))],
  })
  const error = await bad.fails({ cents: 1 })
  expect(error).toMatchObject({ module: 'b', kind: 'invalid' })
  expect(error.message).toContain('/cents')
  expect(bad.who()).toEqual(['b'])
})

test('a replacement stands for what the step was shown, and leaves the rest', async () => {
  const a = module('a', { args: ['note'], ...plays('replaces', { note: 'new' }) })
  const centre = await gather({ hooks, modules: [a] })
  expect(await centre.call({ cents: 5, note: 'old' })).toEqual({ cents: 5, note: 'new' })
  expect(centre.saw('a')).toEqual({ note: 'old' })
})

test('a patch goes into the depth and takes out with null', async () => {
  const a = module('a', plays('patches', { tags: { x: null, y: { z: 1 } } }))
  const centre = await gather({ hooks, modules: [a] })
  expect(await centre.call({ cents: 5, tags: { x: 1, y: { q: 2 } } })).toEqual({
    cents: 5,
    tags: { y: { q: 2, z: 1 } },
  })
})

test('neither a patch nor a replacement is an error, no answer is no change', async () => {
  const wrong = await gather({ hooks, modules: [module('a', plays('answers', { cents: 9 }))] })
  expect(await wrong.fails({ cents: 1 })).toMatchObject({ module: 'a', code: 'answer-invalid' })
  const silent = await gather({ hooks, modules: [module('a', plays('answers', null))] })
  expect(await silent.call({ cents: 1 })).toEqual({ cents: 1 })
})

test('under skip a bad step changes nothing and the next one goes on', async () => {
  const skipping = [spec(Order, { mode: 'pipeline', onError: 'skip', outcome: undefined as never })]
  const modules = [module('a', plays('patches', { note: 'good' })), module('b', plays('patches', { cents: null }))]
  const centre = await gather({ hooks: skipping, modules })
  expect(await centre.call({ cents: 1 })).toEqual({ cents: 1, note: 'good' })
})

test('a step that scribbles on what it is shown changes nothing, for the caller, the next one or the result', async () => {
  const modules = [
    module('c', plays('patches', {})),
    module('b', plays('scribblesInside', 'tags', 'x', 'scribbled')),
    module('a', plays('scribbles', 'cents', 9)),
  ]
  const centre = await gather({ hooks, modules })
  const order = { cents: 1, tags: { x: 'mine' } }
  expect(await centre.call(order)).toEqual({ cents: 1, tags: { x: 'mine' } })
  expect(centre.saw('c')).toEqual({ cents: 1, tags: { x: 'mine' } })
  expect(order).toEqual({ cents: 1, tags: { x: 'mine' } })
})

test('a patch that names __proto__ makes a plain field of it, or none', async () => {
  const patch = JSON.parse('{"tags":{"__proto__":{"polluted":true}}}')
  const centre = await gather({ hooks, modules: [module('a', plays('patches', patch))] })
  await centre.call({ cents: 1 })
  expect(({} as Record<string, unknown>).polluted).toBeUndefined()
})

test('nobody changes nothing', async () => {
  expect(await (await gather({ hooks })).call({ cents: 1 })).toEqual({ cents: 1 })
})
