import { expect, test } from 'vitest'
import type { SeenCall, SeenOutcome } from '../../kernel/hooks/taps.ts'
import { traceTo } from '../../kernel/hooks/trace.ts'
import { plays } from './behaviours.ts'
import { gather, module, spec } from './harness.ts'

const brief = ({ hook, steps, args }: SeenCall) => [hook, steps.map((step) => step.module), args]

test('O62 a tap sees a call before and after, until it is undone', async () => {
  const centre = await gather({ modules: [module('a', plays('adds', 'arg', 1)), module('b', plays('adds', 'arg', 2))] })
  const seen: unknown[] = []
  const undo = centre.tap({
    before: (call) => seen.push(['before', ...brief(call), centre.who()]),
    after: (call, outcome) => seen.push(['after', ...brief(call), outcome, centre.who()]),
  })
  await centre.call({ arg: 1 })
  const call = ['t.x', ['b', 'a'], { arg: 1 }]
  expect(seen).toEqual([
    ['before', ...call, []],
    ['after', ...call, { value: [3, 2] }, ['b', 'a']],
  ])
  undo()
  await centre.call({ arg: 1 })
  expect(seen).toHaveLength(2)
})

test('O63 nested calls are indented by a step each, and back to none', async () => {
  const hooks = ['t.x', 't.y', 't.z'].map((name) => spec(['arg'], { name }))
  const modules = [
    { name: 'a', answers: [{ hook: 't.x', ...plays('asksOn', 't.y', { arg: 2 }) }] },
    { name: 'b', answers: [{ hook: 't.y', ...plays('asksOn', 't.z', { arg: 3 }) }] },
  ]
  const centre = await gather({ hooks, modules })
  const lines: string[] = []
  centre.tap(traceTo((line) => lines.push(line)))
  await centre.register({ name: 'c', answers: [{ hook: 't.z', ...plays('answers', 1) }] })
  await centre.call()
  expect(lines).toEqual([
    't.x {"arg":1}',
    '  t.y {"arg":2}',
    '    t.z {"arg":3}',
    '    finish t.z --> [1]',
    '  finish t.y --> [[1]]',
    'finish t.x --> [[[1]]]',
  ])
})

test('a call that fails has no end in the trace, and the next one stands where it belongs', async () => {
  const centre = await gather({ modules: [module('a', plays('throws', 'no'))] })
  const lines: string[] = []
  centre.tap(traceTo((line) => lines.push(line)))
  await centre.fails()
  await centre.fails({ arg: 2 })
  expect(lines).toEqual(['t.x {"arg":1}', 't.x {"arg":2}'])
})

test('a tap sees errors, alters nothing, and fails for itself alone', async () => {
  const centre = await gather({ modules: [module('a', plays('echoes')), module('b', plays('throws', 'no'))] })
  const outcomes: SeenOutcome[] = []
  centre.tap({
    before: ({ args }) => {
      ;(args as Record<string, unknown>).arg = 'altered'
      throw new Error('a broken observer')
    },
    after: (_call, outcome) => outcomes.push(outcome),
  })
  expect(await centre.fails()).toMatchObject({ message: 'no' })
  expect(await centre.call({ arg: 1 }, { exclude: ['b'] })).toEqual([{ arg: 1 }])
  expect(outcomes).toMatchObject([{ error: { module: 'b' } }, { value: [{ arg: 1 }] }])
  expect(centre.warnings().map((one) => 'code' in one && one.code)).toEqual(['tap-failed', 'tap-failed'])
})

test('a slow step is noted', async () => {
  const hooks = [spec(['arg'], { deadlineMs: 5_000 })]
  const centre = await gather({ hooks, modules: [module('a', plays('answersLater', 1_200, 1))] })
  const call = centre.call()
  await centre.pass(1_200)
  await call
  expect(centre.notices('slow')).toMatchObject([{ module: 'a', hook: 't.x', ms: 1_200 }])
})

test('a trace goes along into the calls inside', async () => {
  const hooks = [spec(['arg']), spec(['arg'], { name: 't.y' })]
  const a = { name: 'a', answers: [{ hook: 't.x', ...plays('asksOn', 't.y', { arg: 2 }) }] }
  const b = { name: 'b', answers: [{ hook: 't.y', ...plays('showsTrace') }] }
  const centre = await gather({ hooks, modules: [a, b] })
  expect(await centre.call({ arg: 1 }, { trace: '00-4bf9-00f0-01' })).toEqual([[['00-4bf9-00f0-01', 1, 'call-1']]])
})
