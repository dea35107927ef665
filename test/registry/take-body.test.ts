import type { BodyPart } from '@recyclique/contracts'
import { expect, test } from 'vitest'
import { takeBody } from '../../kernel/registry/take-body.ts'
import { until } from '../support/wait.ts'

const given = (part: number, text: string): BodyPart => ({ part, data: Buffer.from(text).toString('base64') })
const end = (part: number, bytes: number): BodyPart => ({ part, done: true, bytes })

/** A process that answers the n-th question with the n-th of these, and is silent behind them. */
const play = (
  answers: readonly (BodyPart | string | Error)[],
  more: { readerWithinMs?: number; stepMs?: number } = {},
) => {
  const seen = { asked: [] as number[], stops: 0 }
  let nowMs = 0
  const source = {
    ...{ module: 'labels', readerWithinMs: more.readerWithinMs ?? 60_000 },
    nowMs: () => {
      nowMs += more.stepMs ?? 0
      return nowMs
    },
    ask: async (part: number) => {
      seen.asked.push(part)
      const answer = answers[part - 1]
      if (answer === undefined) return new Promise<string>(() => {})
      if (answer instanceof Error) throw answer
      return typeof answer === 'string' ? answer : JSON.stringify(answer)
    },
    stop: () => {
      seen.stops += 1
    },
  }
  return { source, seen }
}

const read = async (body: AsyncIterable<Uint8Array>): Promise<string> => {
  const pieces: Uint8Array[] = []
  for await (const piece of body) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}

test('the parts are one answer, in their order, and the module is not told to stop', async () => {
  const { source, seen } = play([given(1, 'chairs '), given(2, 'and '), given(3, 'tables'), end(4, 17)])
  expect(await read(takeBody(source, { name: 'a', bytes: 17 }))).toBe('chairs and tables')
  expect(seen.stops).toBe(0)
})

test.each<[string, (BodyPart | string | Error)[], RegExp]>([
  ['a part is lost', [given(1, 'a'), given(3, 'c'), end(4, 2)], /part 2 was wanted, and 3 came/],
  ['a part comes twice', [given(1, 'a'), given(1, 'a'), end(3, 2)], /part 2 was wanted, and 1 came/],
  ['the end comes too early', [given(1, 'a'), end(2, 2)], /1 bytes came of 2/],
  ['it ends as its length says, and is shorter', [given(1, 'a'), end(2, 1)], /1 bytes came of the 3 that it promised/],
  ['it is longer than it said', [given(1, 'a long one'), end(2, 10)], /longer than the 3 bytes/],
  ['a part is no base64', [{ part: 1, data: 'a*b=' }, end(2, 3)], /part 1 is no base64/],
  ['a part is no part', ['{"part":"one"}'], /part 1 of its answer/],
  ['the module says that it broke off', [given(1, 'a'), { error: 'no paper' }], /broke off: no paper/],
  ['the process dies', [given(1, 'a'), new Error('nobody is there')], /no part came \(nobody is there\)/],
  ['it says "nothing yet" in a circle', [given(1, ''), given(2, '')], /empty, and too soon/],
])('where %s the answer is broken, and never taken for the whole', async (_, answers, why) => {
  const { source, seen } = play(answers)
  const body = takeBody(source, { name: 'a', bytes: 3 })
  await expect(read(body)).rejects.toMatchObject({ code: 'module-unavailable', message: expect.stringMatching(why) })
  expect(seen.stops).toBe(1)
})

test('"nothing yet" is no part of the answer, and the next number is asked for', async () => {
  const { source } = play([given(1, 'a'), given(2, ''), given(3, ''), given(4, 'b'), end(5, 2)], { stepMs: 10_000 })
  expect(await read(takeBody(source, { name: 'a' }))).toBe('ab')
})

test('nobody reads: no more is asked for than a few parts, and after a while nobody waits for the reader', async () => {
  const endless = Array.from({ length: 100 }, (_, nth) => given(nth + 1, 'x'))
  const { source, seen } = play(endless, { readerWithinMs: 30 })
  const body = takeBody(source, { name: 'a' })
  const broken = new Promise<Error>((resolve) => body.once('error', resolve))
  body.read(0)
  expect((await broken).message).toContain('nobody reads it')
  expect(seen.asked.length).toBeLessThan(10)
  expect(seen.stops).toBe(1)
})

test('the reader goes: the module is told to stop, at once', async () => {
  const { source, seen } = play([given(1, 'a')])
  const body = takeBody(source, { name: 'a' })
  body.read(0)
  await until(() => body.readableLength > 0)
  body.destroy()
  await until(() => seen.stops === 1)
})
