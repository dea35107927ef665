import type { ChildProcess } from 'node:child_process'
import { endAll, nextWord, startChild } from './children.ts'
import type { Done, Order, Question } from './contend.ts'
import type { Place } from './hook-server.ts'
import type { Standing } from './hook-tables.ts'
import { type Measured, median } from './measure.ts'

interface Contender {
  readonly name: string
  readonly child: ChildProcess
}

interface ContestParts {
  readonly place: Place
  /** The first one is ours. */
  readonly names: readonly string[]
  readonly answerers: number
  readonly rounds: number
  readonly ms: number
}

/** Everybody who is compared, each in a process of its own with its answerers as children; one at a time is at work. */
export const openContest = async ({ place, names, answerers, rounds, ms }: ContestParts) => {
  const contenders: Contender[] = []
  for (const name of names) {
    const env = { CONTENDER: name, ANSWERERS: String(answerers), PLACE: JSON.stringify(place) }
    const child = startChild('./contend.ts', env)
    contenders.push({ name, child })
    await nextWord(child)
  }
  const [ours] = contenders as [Contender]

  const measure = async (one: Contender, question: Question, concurrency: number, forMs = ms) =>
    (await tell<{ measured: Measured }>(one, { do: 'measure', question, concurrency, ms: forMs })).measured

  /** The order turns from round to round, so that nobody always has the quiet moment of the machine. */
  const compare = async (question: Question, concurrency: number): Promise<Standing[]> => {
    const found = new Map<string, Measured[]>(contenders.map(({ name }) => [name, []]))
    for (const one of contenders) await measure(one, question, concurrency, ms / 2)
    for (let round = 0; round < rounds; round += 1)
      for (const one of round % 2 === 0 ? contenders : contenders.toReversed())
        found.get(one.name)?.push(await measure(one, question, concurrency))
    const beside = found.get(ours.name) as Measured[]
    return [...found].map(([name, measured]) => standing(name, measured, beside))
  }

  return {
    compare,
    /** Ours alone, over the wire. */
    async alone(question: Question): Promise<Measured> {
      const measured: Measured[] = []
      for (let round = 0; round <= rounds; round += 1) measured.push(await measure(ours, question, 1))
      return middle(measured.slice(1))
    },
    /** Ours alone, in the kernel's own process: microseconds a call. */
    async here(question: Question): Promise<number> {
      const micros: number[] = []
      for (let round = 0; round <= rounds; round += 1)
        micros.push((await tell<{ micros: number }>(ours, { do: 'here', question, ms })).micros)
      return median(micros.slice(1))
    },
    /** Anything else that only ours can do. */
    order: <D extends Done>(order: Order): Promise<D> => tell<D>(ours, order),
    close: () => endAll(contenders.map(({ child }) => child)),
  }
}

export type Contest = Awaited<ReturnType<typeof openContest>>

const tell = async <D extends Done>({ child }: Contender, order: Order): Promise<D> => {
  const done = nextWord<D>(child)
  const sent = new Promise<never>((_, reject) => child.send(order, (error) => error && reject(error)))
  return Promise.race([done, sent])
}

const standing = (name: string, measured: readonly Measured[], ours: readonly Measured[]): Standing => ({
  ...{ name, ...middle(measured) },
  oursToIt: median(measured.map(({ perSecond }, round) => (ours[round]?.perSecond ?? 0) / perSecond)),
})

const middle = (rounds: readonly Measured[]): Measured => ({
  perSecond: median(rounds.map(({ perSecond }) => perSecond)),
  p50Us: median(rounds.map(({ p50Us }) => p50Us)),
  p99Us: median(rounds.map(({ p99Us }) => p99Us)),
  cpuUs: median(rounds.map(({ cpuUs }) => cpuUs)),
})
