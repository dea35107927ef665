import 'reflect-metadata'
import { readFileSync } from 'node:fs'
import { credsAuthenticator } from '@nats-io/transport-node'
import { Controller, Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import {
  ClientProxyFactory,
  MessagePattern,
  type MicroserviceOptions,
  type NatsOptions,
  Transport,
} from '@nestjs/microservices'
import { firstValueFrom } from 'rxjs'
import type { Peer } from '../support/contender.ts'
import type { Place } from '../support/hook-server.ts'
import { ALLOWED } from '../support/small-sale.ts'

const patternOf = (nth: number) => `nest.${nth}.validate`

const overNats = ({ url, credsFile }: Place) =>
  ({
    transport: Transport.NATS,
    options: { servers: [url], authenticator: credsAuthenticator(readFileSync(credsFile)) },
  }) satisfies NatsOptions

/** A controller with one message pattern, as its documentation writes it; decorators are called, since Node runs none. */
const appFor = (nth: number) => {
  class Answerer {
    validate() {
      return ALLOWED
    }
  }
  const method = Object.getOwnPropertyDescriptor(Answerer.prototype, 'validate') as PropertyDescriptor
  MessagePattern(patternOf(nth))(Answerer.prototype, 'validate', method)
  Controller()(Answerer)
  class App {}
  Module({ controllers: [Answerer] })(App)
  return App
}

/** The NATS transport with its defaults: no pipes, no guards, no interceptors, no log. */
export const nest: Peer = {
  name: 'NestJS',
  async open(place) {
    const client = ClientProxyFactory.create(overNats(place))
    await client.connect()
    return {
      ask: (nth, sale) => firstValueFrom(client.send(patternOf(nth), sale)),
      close: async () => client.close(),
    }
  },
  async answer(place, nth) {
    const app = await NestFactory.createMicroservice<MicroserviceOptions>(appFor(nth), {
      ...overNats(place),
      logger: false,
    })
    await app.listen()
  },
}
