import { expect, test } from 'vitest'
import { openGuard } from '../../kernel/remote/guard.ts'

const LIMITS = { silences: 3, openMs: 2_000, longestMs: 5_000, inFlight: 2 }

const guarded = () => {
  let now = 0
  let changes = 0
  const guard = openGuard(
    'sale.validate',
    LIMITS,
    () => now,
    () => {
      changes += 1
    },
  )
  const ask = (how: 'heard' | 'silent') => {
    guard.enter('barcodes')
    guard[how]()
    guard.leave()
  }
  const pass = (ms: number) => {
    now += ms
  }
  return { guard, ask, pass, changes: () => changes }
}

test('three silences in a row open it, and then nobody is asked', () => {
  const { guard, ask } = guarded()
  ask('silent')
  ask('silent')
  expect(guard.view()).toMatchObject({ state: 'closed', silences: 2 })
  ask('silent')
  expect(guard.view()).toMatchObject({ state: 'open', silences: 3, openUntil: 2_000 })
  expect(() => guard.enter('barcodes')).toThrow(
    'barcodes did not answer 3 times in a row and is not asked for a moment',
  )
  expect(guard.view().notAsked).toBe(1)
})

test('an answer in between begins to count anew', () => {
  const { guard, ask } = guarded()
  for (const how of ['silent', 'silent', 'heard', 'silent', 'silent'] as const) ask(how)
  expect(guard.view().state).toBe('closed')
})

test('after a while one question tries, and only one; its answer closes it', () => {
  const { guard, ask, pass } = guarded()
  for (let nth = 0; nth < 3; nth += 1) ask('silent')
  pass(2_000)
  guard.enter('barcodes')
  expect(guard.view().state).toBe('half-open')
  expect(() => guard.enter('barcodes')).toThrow()
  guard.heard()
  guard.leave()
  expect(guard.view()).toMatchObject({ state: 'closed', silences: 0, inFlight: 0 })
  ask('heard')
})

test('a trial that fails opens it for twice as long, and never for longer than the limit', () => {
  const { guard, ask, pass } = guarded()
  for (let nth = 0; nth < 3; nth += 1) ask('silent')
  const waits: number[] = []
  let at = 0
  for (let nth = 0; nth < 3; nth += 1) {
    const until = guard.view().openUntil as number
    waits.push(until - at)
    pass(until - at)
    at = until
    ask('silent')
  }
  expect(waits).toEqual([2_000, 4_000, 5_000])
})

test('many that fall silent at once open it once, for the first and shortest time', () => {
  const { guard } = guarded()
  for (let nth = 0; nth < 9; nth += 1) guard.silent()
  expect(guard.view()).toMatchObject({ state: 'open', silences: 9, openUntil: 2_000 })
})

test('more than the limit at once are not asked; room comes with each answer', () => {
  const { guard } = guarded()
  guard.enter('barcodes')
  guard.enter('barcodes')
  expect(() => guard.enter('barcodes')).toThrow('barcodes has 2 questions in hand and gets no more for now')
  guard.leave()
  guard.enter('barcodes')
  expect(guard.view()).toMatchObject({ inFlight: 2, notAsked: 1 })
})

test('processes that are there anew are not blamed for the old ones', () => {
  const { guard, ask } = guarded()
  for (let nth = 0; nth < 3; nth += 1) ask('silent')
  guard.reset()
  ask('heard')
  expect(guard.view()).toMatchObject({ state: 'closed', silences: 0 })
})

test('each change is told, an answer to a well module is none', () => {
  const { ask, changes } = guarded()
  ask('heard')
  expect(changes()).toBe(0)
  ask('silent')
  ask('heard')
  expect(changes()).toBe(2)
})

test('a process that dies with many questions in hand is one silence, and its next death is another', () => {
  const { guard } = guarded()
  const [one, other] = [{}, {}]
  for (let nth = 0; nth < 5; nth += 1) guard.died(one)
  expect(guard.view()).toMatchObject({ state: 'closed', silences: 1 })
  guard.died(other)
  guard.died({})
  expect(guard.view().state).toBe('open')
  guard.reset()
  guard.died(one)
  expect(guard.view()).toMatchObject({ state: 'closed', silences: 1 })
})

test('a trial that dies with its process fails, even where that death was counted before', () => {
  const { guard, pass } = guarded()
  const process = {}
  guard.died(process)
  guard.silent()
  guard.silent()
  pass(2_000)
  guard.enter('barcodes')
  guard.died(process)
  guard.leave()
  expect(guard.view()).toMatchObject({ state: 'open', openUntil: 6_000 })
})
