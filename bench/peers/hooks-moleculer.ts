import { readFileSync } from 'node:fs'
import { type BrokerOptions, ServiceBroker } from 'moleculer'
import { credsAuthenticator } from 'nats'
import type { Peer } from '../support/contender.ts'
import type { Place } from '../support/hook-server.ts'
import { ALLOWED, type SmallSale } from '../support/small-sale.ts'

const serviceOf = (nth: number) => `answerer-${nth}`

/** All defaults, but for what would slow it down: no log, no metrics, no tracing, no validation; its JSON serializer. */
const optionsFor = ({ url, credsFile }: Place, nodeID: string): BrokerOptions => ({
  nodeID,
  logger: false,
  metrics: false,
  tracing: false,
  validator: false,
  skipProcessEventRegistration: true,
  serializer: 'JSON',
  transporter: {
    type: 'NATS',
    options: { servers: url, authenticator: credsAuthenticator(readFileSync(credsFile)) },
  },
})

export const moleculer: Peer = {
  name: 'Moleculer',
  async open(place, answerers) {
    const broker = new ServiceBroker(optionsFor(place, 'asker'))
    await broker.start()
    await broker.waitForServices(Array.from({ length: answerers }, (_, at) => serviceOf(at + 1)))
    const actions = Array.from({ length: answerers }, (_, at) => `${serviceOf(at + 1)}.validate`)
    return {
      ask: (nth, sale: SmallSale) => broker.call<unknown, SmallSale>(actions[nth - 1] as string, sale),
      close: () => broker.stop(),
    }
  },
  async answer(place, nth) {
    const broker = new ServiceBroker(optionsFor(place, serviceOf(nth)))
    broker.createService({ name: serviceOf(nth), actions: { validate: () => ALLOWED } })
    await broker.start()
  },
}
