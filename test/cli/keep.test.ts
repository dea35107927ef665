import { expect, test } from 'vitest'
import type { HistoryEntry } from '../../cli/up/crashes.ts'
import { keep } from '../../cli/up/keep.ts'
import { type End, orEnded, type Started } from '../../cli/up/running.ts'

/** A process made of promises: `end` ends it, `stop` does so too. */
const makeLives = () => {
  const lives: { end: (end: End) => void; getReady: () => void }[] = []
  const start = async (): Promise<Started<number>> => {
    const number = lives.length + 1
    const ended = Promise.withResolvers<End>()
    const ready = Promise.withResolvers<number>()
    lives.push({ end: ended.resolve, getReady: () => ready.resolve(number) })
    const stop = async () => ended.resolve({ how: 'was stopped', code: 0 })
    return { pid: number, ended: ended.promise, stop, ready: orEnded(ready.promise, ended.promise) }
  }
  return { lives, start }
}

const keeping = (more: Partial<Parameters<typeof keep>[0]> = {}) => {
  const { lives, start } = makeLives()
  const said: string[] = []
  const recorded: HistoryEntry[] = []
  const say = (line: string) => void said.push(line)
  const keeper = keep({ ...more, name: 'labels', start, say, record: (entry) => recorded.push(entry) })
  const until = (count: number) => expect.poll(() => lives.length, { interval: 5 }).toBe(count)
  return { lives, said, recorded, keeper, until }
}

test('who ends unasked is started again, and it is said and recorded', async () => {
  const { lives, said, recorded, keeper, until } = keeping()
  await until(1)
  lives[0]!.getReady()
  expect(await keeper.first).toBe(1)
  lives[0]!.end({ how: 'ended by SIGKILL' })

  await until(2)
  lives[1]!.getReady()
  await expect.poll(() => said).toEqual(['labels ended by SIGKILL: started again', 'labels is back'])
  expect(recorded).toMatchObject([{ name: 'labels', how: 'ended by SIGKILL' }])
  await keeper.stop()
})

test('who is stopped is not started again', async () => {
  const { lives, said, keeper, until } = keeping()
  await until(1)
  await keeper.stop()

  expect(lives).toHaveLength(1)
  expect(said).toEqual([])
})

test('a stop does not wait for the next try', async () => {
  const { lives, keeper, until } = keeping()
  for (const life of [1, 2, 3]) {
    await until(life)
    lives[life - 1]!.end({ how: 'ended with code 1', code: 1 })
  }
  const began = performance.now()
  await keeper.stop()

  expect(performance.now() - began).toBeLessThan(500)
  expect(lives).toHaveLength(3)
})

test.each([65, 78])('who ends with code %i says that a new start changes nothing, and stays down', async (code) => {
  const { lives, said, keeper, until } = keeping()
  await until(1)
  lives[0]!.end({ how: `ended with code ${code}`, code })

  await keeper.givenUp
  await expect(keeper.first).rejects.toThrow(`ended with code ${code}`)
  expect(said).toEqual([expect.stringContaining('a new start would change nothing')])
  expect(lives).toHaveLength(1)
})

test('crashes of an earlier run count: the fifth in ten minutes is the last, and it is recorded as such', async () => {
  const nowMs = Date.now()
  const past = [4, 3, 2, 1].map((minutes) => ({ atMs: nowMs - minutes * 60_000, livedMs: 10 }))
  const { lives, said, recorded, keeper, until } = keeping({ past, isReleasable: true })
  await until(1)
  lives[0]!.end({ how: 'ended with code 1', code: 1 })

  await keeper.givenUp
  expect(said).toEqual([expect.stringContaining('in quarantine. Mend it, then type `npx recyclique modules release')])
  expect(recorded).toMatchObject([{ name: 'labels', how: 'ended with code 1', isLast: true }])
})

test('who is in quarantine is not started, until it is released with everything forgiven', async () => {
  const quarantine = { name: 'labels', since: new Date().toISOString(), how: 'ended with code 1' }
  const { lives, recorded, keeper, until } = keeping({ quarantine, isReleasable: true })
  await expect(keeper.first).rejects.toThrow(/in quarantine since .* \(the last time it ended with code 1\)/)
  expect(lives).toHaveLength(0)

  keeper.release()
  await until(1)
  expect(recorded).toMatchObject([{ name: 'labels', lifted: 'released' }])
  lives[0]!.end({ how: 'ended with code 1', code: 1 })
  await until(2)
  await keeper.stop()
})

test('who runs is not started again by a release', async () => {
  const { lives, keeper, until } = keeping()
  await until(1)
  keeper.release()
  await keeper.stop()
  expect(lives).toHaveLength(1)
})

test('who is only watched is not started again, and that is said', async () => {
  const { lives, said, keeper, until } = keeping({ isOnlyWatched: true })
  await until(1)
  lives[0]!.end({ how: 'ended by SIGKILL' })
  await keeper.givenUp
  expect(said).toEqual(['labels ended by SIGKILL: nothing is started again here (--no-supervise)'])
  expect(lives).toHaveLength(1)
})

test('who ends in order while another one comes has made room for it, and did not crash', async () => {
  const { lives, said, recorded, keeper, until } = keeping()
  await until(1)
  lives[0]!.getReady()
  await keeper.first
  const renewed = keeper.renew()
  await until(2)
  lives[0]!.end({ how: 'ended with code 0', code: 0 })
  lives[1]!.getReady()
  await renewed

  expect(lives).toHaveLength(2)
  expect([...said, ...recorded]).toEqual([])
  lives[1]!.end({ how: 'ended by SIGKILL' })
  await until(3)
  await keeper.stop()
})

test('who ends in order while another one comes in vain is started again', async () => {
  const { lives, said, keeper, until } = keeping()
  await until(1)
  lives[0]!.getReady()
  await keeper.first
  const renewed = keeper.renew()
  await until(2)
  lives[0]!.end({ how: 'ended with code 0', code: 0 })
  lives[1]!.end({ how: 'ended with code 1', code: 1 })

  await expect(renewed).rejects.toThrow('ended with code 1')
  await until(3)
  expect(said).toEqual(['labels ended with code 0: started again'])
  await keeper.stop()
})
