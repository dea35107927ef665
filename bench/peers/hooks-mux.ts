import { createInbox, type NatsConnection } from '@nats-io/transport-node'
import { subjectsOf } from '@recyclique/contracts'
import type { Asker, Peer } from '../support/contender.ts'
import { moduleCredsFile } from '../support/hook-server.ts'
import type { SmallSale } from '../support/small-sale.ts'
import { answerBare, connectWith } from './hooks-bare.ts'

/**
 * The least that asking over NATS can be: one inbox, a map of who waits, one publish a question. No deadline, no headers, no checks,
 * nothing that would notice that nobody is there.
 */
const multiplexed = (connection: NatsConnection, subjectOf: (nth: number) => string): Asker => {
  const inbox = `${createInbox()}.`
  const waiting = new Map<string, (answer: unknown) => void>()
  let asked = 0
  connection.subscribe(`${inbox}*`, {
    callback: (error, message) => {
      if (error) throw error
      const number = message.subject.slice(inbox.length)
      const answer = waiting.get(number)
      waiting.delete(number)
      answer?.(message.json())
    },
  })
  return {
    ask: (nth: number, sale: SmallSale) =>
      new Promise((resolve) => {
        asked += 1
        const number = asked.toString(36)
        waiting.set(number, resolve)
        connection.publish(subjectOf(nth), JSON.stringify(sale), { reply: inbox + number })
      }),
    close: () => connection.close(),
  }
}

const subjectOf = (nth: number) => `mux.${nth}`

export const bareMux: Peer = {
  name: 'bare mux',
  open: async ({ url, credsFile }) => multiplexed(await connectWith(url, credsFile), subjectOf),
  answer: async ({ url, credsFile }, nth) => answerBare(await connectWith(url, credsFile), subjectOf(nth)),
}

const nameOf = (nth: number) => `mux-${nth}`
const acrossOf = (site: string) => (nth: number) => subjectsOf(site).toModule(nameOf(nth), 'i1', 'hook', 'bench.one')

/** The same, but each answerer in an account of its own, as modules are: what keeping them apart costs. */
export const bareMuxAcrossAccounts: Peer = {
  name: 'bare mux, account to account',
  open: async ({ url, credsFile, site }) => multiplexed(await connectWith(url, credsFile), acrossOf(site)),
  async answer(place, nth) {
    const connection = await connectWith(place.url, moduleCredsFile(place, nameOf(nth)))
    await answerBare(connection, acrossOf(place.site)(nth))
  },
}

/** Modules in the keys' sense: the answerers of the above. */
export const muxModules = (answerers: number): string[] => Array.from({ length: answerers }, (_, at) => nameOf(at + 1))
