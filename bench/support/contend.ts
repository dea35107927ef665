import { peerNamed } from '../peers/hooks-all.ts'
import { endAll, endWithParent, nextWord, startChild } from './children.ts'
import type { Place } from './hook-server.ts'
import { type Ask, type Measured, measure, microsPerCall } from './measure.ts'
import { type Death, dieOnce, hangOften } from './our-deaths.ts'
import { openOurs } from './our-hooks.ts'
import { checkAllowed, SMALL_SALE } from './small-sale.ts'

/** The process of one who asks, with its answerers as children: `CONTENDER`, `ANSWERERS` and `PLACE` say who, how many and where. */
export type Order =
  | { readonly do: 'measure'; readonly question: Question; readonly concurrency: number; readonly ms: number }
  | { readonly do: 'here'; readonly question: Question; readonly ms: number }
  | { readonly do: 'die'; readonly questions: number }
  | { readonly do: 'hang'; readonly times: number }

export type Question = 'one' | 'allAtOnce' | 'allInTurn' | 'wrapped' | 'nobody' | 'oneHere' | 'tenHere'

export type Done =
  | { readonly measured: Measured }
  | { readonly micros: number }
  | { readonly death: Death }
  | { readonly waits: number[] }

interface Contender {
  readonly questions: Partial<Record<Question, Ask>>
  obey(order: Order): Promise<Done>
  close(): Promise<void>
}

const answerers = Number(process.env.ANSWERERS)
const place = JSON.parse(process.env.PLACE ?? '{}') as Place

const ours = async (): Promise<Contender> => {
  const { hooks, questions, close } = await openOurs(place, { modules: answerers })
  return {
    ...{ questions, close },
    async obey(order) {
      if (order.do === 'die') return { death: await dieOnce(hooks, place, order.questions) }
      if (order.do === 'hang') return { waits: await hangOften(hooks, place, order.times) }
      return measured(questions, order)
    },
  }
}

const peer = async (name: string): Promise<Contender> => {
  const { open } = await peerNamed(name)
  const children = Array.from({ length: answerers }, (_, at) =>
    startChild('./answer-as-peer.ts', { PEER: name, NTH: String(at + 1), PLACE: JSON.stringify(place) }),
  )
  await Promise.all(children.map((child) => nextWord(child)))
  const asker = await open(place, answerers)
  const everybody = Array.from({ length: answerers }, (_, at) => at + 1)
  const questions = {
    one: () => asker.ask(1, SMALL_SALE),
    allAtOnce: () => Promise.all(everybody.map((nth) => asker.ask(nth, SMALL_SALE))),
    async allInTurn() {
      const answers: unknown[] = []
      for (const nth of everybody) answers.push(await asker.ask(nth, SMALL_SALE))
      return answers
    },
  }
  return {
    questions,
    obey: (order) => measured(questions, order),
    async close() {
      await asker.close()
      await endAll(children)
    },
  }
}

const measured = async (questions: Contender['questions'], order: Order): Promise<Done> => {
  if (order.do !== 'measure' && order.do !== 'here') throw new RangeError(`nobody here can ${order.do}`)
  const ask = questions[order.question]
  if (!ask) throw new RangeError(`nobody here asks ${order.question}`)
  if (order.do === 'here') return { micros: await microsPerCall(ask, order.ms) }
  const count = order.question === 'allAtOnce' || order.question === 'allInTurn' ? answerers : 1
  const checked = async () => checkAllowed(await ask(), count)
  return { measured: await measure(checked, order.concurrency, order.ms) }
}

// First, since who started it may be gone before it is ready.
endWithParent()
const name = process.env.CONTENDER ?? ''
const contender = await (name === 'Recyclique' ? ours() : peer(name))
process.on('message', (order: Order) => void contender.obey(order).then((done) => process.send?.(done)))
process.on('SIGTERM', () => void contender.close().then(() => process.exit(0)))
process.send?.('ready')
