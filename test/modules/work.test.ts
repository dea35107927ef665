import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { countWork } from '../../modules/sdk/work.ts'

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

test('a handler that looks only after its time, when garbage was collected, sees that nobody waits', async () => {
  const signal = countWork().signalFor(10)
  for (let times = 0; times < 5; times += 1) {
    await sleep(10)
    collectGarbage()
  }

  expect(signal.aborted).toBe(true)
  expect(signal.reason).toMatchObject({ name: 'TimeoutError' })
})

test.each([0, -5])('with %d ms left nobody waits from the start', (leftMs) => {
  expect(countWork().signalFor(leftMs).aborted).toBe(true)
})

test('a time of any length and of any fraction is one', async () => {
  const work = countWork()
  const [short, long] = [work.signalFor(1.5), work.signalFor(2 ** 40)]
  await sleep(20)

  expect([short.aborted, long.aborted]).toEqual([true, false])
})

test('a process that waits no longer ends all handlers, with a time and without one, and those that begin then', () => {
  const work = countWork()
  const under = [work.signalFor(60_000), work.signalFor(Number.POSITIVE_INFINITY)]
  expect(under.some(({ aborted }) => aborted)).toBe(false)
  work.abandon()

  for (const { reason } of [...under, work.signalFor(60_000)])
    expect(reason).toMatchObject({ message: 'the module stops' })
})
