import { expect, test, vi } from 'vitest'
import { openDeadlineWheel } from '../../kernel/deadline-wheel.ts'

const rung = (ms: number) => {
  const { promise, resolve } = Promise.withResolvers<number>()
  const wheel = openDeadlineWheel()
  const begun = performance.now()
  wheel.after(ms, () => resolve(performance.now() - begun))
  return promise
}

test('a bell never rings before its time', async () => {
  const took = await Promise.all([0, 1, 4, 5, 6, 23, 60].map(async (ms) => ({ ms, took: await rung(ms) })))
  // Date.now() has no fractions of a millisecond, so that the two clocks may differ by one.
  for (const { ms, took: after } of took) expect(after).toBeGreaterThanOrEqual(ms - 1)
})

test('bells ring in the order of their time, and one that was taken back is silent', async () => {
  const wheel = openDeadlineWheel()
  const heard: string[] = []
  const last = Promise.withResolvers<void>()
  wheel.after(60, () => last.resolve(heard.push('last') as never))
  wheel.after(20, () => heard.push('first'))
  wheel.after(40, () => heard.push('second'))
  wheel.after(30, () => heard.push('never'))()
  await last.promise
  expect(heard).toEqual(['first', 'second', 'last'])
})

test('whoever is set while others ring comes in a later turn', async () => {
  const wheel = openDeadlineWheel()
  const done = Promise.withResolvers<number>()
  wheel.after(5, () => wheel.after(0, () => done.resolve(1)))
  expect(await done.promise).toBe(1)
})

test('an answer that arrived while the process was busy is read before anybody is told that none came', async () => {
  const wheel = openDeadlineWheel()
  const heard: string[] = []
  const { port1, port2 } = new MessageChannel()
  const both = Promise.withResolvers<void>()
  port2.on('message', () => heard.push('answer'))
  wheel.after(10, () => both.resolve(heard.push('deadline') as never))
  port1.postMessage('there in time')
  const busyUntil = performance.now() + 60
  while (performance.now() < busyUntil);
  await both.promise
  port1.close()
  expect(heard).toEqual(['answer', 'deadline'])
})

test('a clock that jumps far ahead rings everything that is due, once', async () => {
  let now = 1_000_000
  const wheel = openDeadlineWheel(() => now)
  const ring = vi.fn()
  wheel.after(50, ring)
  wheel.after(86_400_000, ring)
  now += 1_000_000_000
  const turned = Promise.withResolvers<void>()
  wheel.after(0, () => turned.resolve())
  now += 10
  await turned.promise
  expect(ring).toHaveBeenCalledTimes(2)
  wheel.close()
})
