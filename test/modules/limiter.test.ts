import { makeLimiter, Overloaded } from '@recyclique/sdk'
import { expect, test } from 'vitest'

/** A clock that stands still until it is told to go on. */
const handClock = () => {
  let nowMs = 0
  let timers: { atMs: number; act: () => void }[] = []
  return {
    now: () => nowMs,
    later: (ms: number, act: () => void) => void timers.push({ atMs: nowMs + ms, act }),
    async goOn(ms: number) {
      nowMs += ms
      const due = timers.filter(({ atMs }) => atMs <= nowMs)
      timers = timers.filter(({ atMs }) => atMs > nowMs)
      for (const { act } of due) act()
      await settled()
    },
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

/** Work that lasts until it is told to end. */
const longWork = () => {
  const begun: string[] = []
  const ends = new Map<string, () => void>()
  const work = (name: string) => () =>
    new Promise<string>((resolve) => {
      begun.push(name)
      ends.set(name, () => resolve(name))
    })
  return { begun, work, end: (name: string) => ends.get(name)?.() }
}

test('no more than it says run at once, and the others follow in their order', async () => {
  const { begun, work, end } = longWork()
  const limiter = makeLimiter({ name: 'labels', atOnce: 2 })
  const all = ['a', 'b', 'c', 'd'].map((name) => limiter.run(work(name)))
  await settled()
  expect([begun, limiter.active, limiter.waiting]).toEqual([['a', 'b'], 2, 2])
  end('b')
  await settled()
  expect(begun).toEqual(['a', 'b', 'c'])
  for (const name of ['a', 'c']) end(name)
  await settled()
  end('d')
  expect(await Promise.all(all)).toEqual(['a', 'b', 'c', 'd'])
  expect([limiter.active, limiter.waiting]).toEqual([0, 0])
})

test('no more begin in any second than it says, also across the border of two', async () => {
  const clock = handClock()
  const begun: number[] = []
  const limiter = makeLimiter({ name: 'paheko', perSecond: 2 }, clock)
  const work = () => void begun.push(clock.now())
  void limiter.run(work)
  await clock.goOn(0)
  await clock.goOn(900)
  for (let nth = 0; nth < 4; nth += 1) void limiter.run(work)
  await clock.goOn(0)
  expect(begun).toEqual([0, 900])
  await clock.goOn(100)
  expect(begun).toEqual([0, 900, 1000])
  await clock.goOn(899)
  expect(begun).toHaveLength(3)
  await clock.goOn(1)
  expect(begun).toEqual([0, 900, 1000, 1900])
  await clock.goOn(100)
  expect(begun).toEqual([0, 900, 1000, 1900, 2000])
})

test('who comes when too many wait is refused at once, and reads which limit it was', async () => {
  const { work, end } = longWork()
  const limiter = makeLimiter({ name: 'labels', atOnce: 1, perSecond: 5, mostWaiting: 1 })
  const first = limiter.run(work('a'))
  const second = limiter.run(work('b'))
  const refused = await limiter.run(work('c')).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(Overloaded)
  expect(refused).toMatchObject({
    code: 'overloaded',
    limit: 'labels',
    message: "the limit 'labels' is reached (1 at once, 5 a second, 1 waiting): try again later",
  })
  end('a')
  await first
  await settled()
  end('b')
  expect(await second).toBe('b')
})

test('who gives up while waiting leaves the line, and the place is free for another', async () => {
  const { begun, work, end } = longWork()
  const limiter = makeLimiter({ name: 'labels', atOnce: 1, mostWaiting: 1 })
  const giveUp = new AbortController()
  const first = limiter.run(work('a'))
  const left = limiter.run(work('b'), { signal: giveUp.signal })
  giveUp.abort(new Error('nobody waits any more'))
  await expect(left).rejects.toThrow('nobody waits any more')
  const third = limiter.run(work('c'))
  end('a')
  await first
  await settled()
  end('c')
  await third
  expect(begun).toEqual(['a', 'c'])
})

test('work that fails lets the next one go, and its error comes out', async () => {
  const limiter = makeLimiter({ name: 'labels', atOnce: 1, mostWaiting: 5 })
  const failing = limiter.run(() => {
    throw new Error('no paper')
  })
  const next = limiter.run(() => 'printed')
  await expect(failing).rejects.toThrow('no paper')
  expect(await next).toBe('printed')
})

test('a limit that is none is refused, by its name', () => {
  expect(() => makeLimiter({ name: 'labels', atOnce: 0 })).toThrow(
    "the limit 'labels': atOnce must be a whole number from 1",
  )
  expect(() => makeLimiter({ name: 'labels', mostWaiting: -1 })).toThrow('mostWaiting must be a whole number from 0')
})
