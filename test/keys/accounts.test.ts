import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import type { Msg, NatsConnection } from '@nats-io/transport-node'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { subjectsOf } from '../../contracts/subjects.ts'
import { startTestServer, type TestModule, type TestServer } from '../support/nats.ts'

const subjects = subjectsOf('essai')

let server: TestServer
let kernel: NatsConnection

beforeEach(async () => {
  server = await startTestServer()
  kernel = await server.connectKernel()
})
afterEach(() => server.stop())

/** Stream and durables as the kernel makes them. */
const makeStream = async (...modules: string[]) => {
  const manager = await jetstreamManager(kernel, { checkAPI: false })
  await manager.streams.add({ name: subjects.stream, subjects: [subjects.facts] })
  for (const module of modules) {
    await manager.consumers.add(subjects.stream, {
      durable_name: subjects.durable(module),
      ack_policy: 'explicit',
      filter_subjects: [subjects.factsNamed('live', 'sale.recorded')],
      max_ack_pending: 1,
    })
  }
  return manager
}

const tellSale = (data: string) => jetstream(kernel).publish(subjects.fact('live', 'register-1', 'sale.recorded'), data)

const next = async (messages: AsyncIterable<Msg>): Promise<Msg> => {
  for await (const message of messages) return message
  throw new Error('the subscription ended')
}

const durableOf = (connection: NatsConnection, module: string, { apiPrefix }: TestModule) =>
  jetstream(connection, { apiPrefix }).consumers.get(subjects.stream, subjects.durable(module))

/** Hears the server's complaints, which is how a refused publish shows. */
const complaints = (connection: NatsConnection) => {
  const heard: string[] = []
  const stop = (async () => {
    for await (const status of connection.status()) if (status.type === 'error') heard.push(status.error.message)
  })()
  void stop
  return heard
}

test('a module pulls its facts from its durable and acknowledges them', async () => {
  const stock = await server.addModule('stock')
  const manager = await makeStream('stock')
  const durable = await durableOf(await stock.connect(), 'stock', stock)
  await tellSale('one')
  await tellSale('two')

  const heard: string[] = []
  const messages = await durable.consume()
  for await (const message of messages) {
    heard.push(message.string())
    await message.ackAck()
    if (heard.length === 2) break
  }

  expect(heard).toEqual(['one', 'two'])
  const info = await manager.consumers.info(subjects.stream, subjects.durable('stock'))
  expect(info).toMatchObject({ ack_floor: { stream_seq: 2 }, num_ack_pending: 0 })
})

test('the kernel asks an instance and hears its answer', async () => {
  const stock = await server.addModule('stock')
  const module = await stock.connect()
  module.subscribe(subjects.instanceBranch('stock', 'i1'), {
    callback: (_, message) => {
      message.respond(`heard ${message.string()}`)
    },
  })
  await module.flush()

  const answer = await kernel.request(subjects.toModule('stock', 'i1', 'control'), 'pause')

  expect(answer.string()).toBe('heard pause')
})

test('a module asks the kernel and hears its answer, in its own inbox', async () => {
  const stock = await server.addModule('stock')
  kernel.subscribe(subjects.everyModule('announce'), {
    callback: (_, message) => {
      message.respond('admitted')
    },
  })
  await kernel.flush()

  const answer = await (await stock.connect()).request(subjects.toKernel('stock', 'announce'), 'here I am')

  expect(answer.string()).toBe('admitted')
  expect(answer.subject.startsWith('_INBOX.stock.')).toBe(true)
})

test('a heartbeat, which wants no answer, reaches every kernel', async () => {
  const stock = await server.addModule('stock')
  const other = await server.connectKernel()
  const beats = [kernel, other].map((one) => next(one.subscribe(subjects.everyModule('heartbeat'), { max: 1 })))
  await Promise.all([kernel.flush(), other.flush()])

  const module = await stock.connect()
  module.publish(subjects.toKernel('stock', 'heartbeat'), 'i1')

  for (const beat of await Promise.all(beats)) {
    expect(beat).toMatchObject({ subject: subjects.toKernel('stock', 'heartbeat') })
    expect(beat.reply ?? '').toBe('')
  }
})

test('a second module works at once, and the first is not disturbed', async () => {
  const stock = await server.addModule('stock')
  const first = await stock.connect()
  const events: string[] = []
  void (async () => {
    for await (const status of first.status()) events.push(status.type)
  })()
  const echo = (connection: NatsConnection, module: string) =>
    connection.subscribe(subjects.moduleBranch(module), {
      callback: (_, message) => {
        message.respond(module)
      },
    })
  echo(first, 'stock')

  const barcodes = await server.addModule('barcodes')
  const second = await barcodes.connect()
  echo(second, 'barcodes')
  await Promise.all([first.flush(), second.flush()])

  for (const module of ['stock', 'barcodes']) {
    const answer = await kernel.request(subjects.toModule(module, 'i1', 'control'))
    expect(answer.string()).toBe(module)
  }
  expect(events).toEqual([])
})

test('accounts that were pushed are there after a restart', async () => {
  const stock = await server.addModule('stock')
  await server.restart()
  const connection = await stock.connect()
  connection.subscribe(subjects.moduleBranch('stock'), {
    callback: (_, message) => {
      message.respond('back')
    },
  })
  await connection.flush()

  const answer = await (await server.connectKernel()).request(subjects.toModule('stock', 'i1', 'control'))

  expect(answer.string()).toBe('back')
})

test('a module that dies is told of on the system account, with the name of its connection', async () => {
  const stock = await server.addModule('stock')
  const sys = await server.connectSys()
  const module = await stock.connect('stock.i7')
  const told = next(sys.subscribe('$SYS.ACCOUNT.*.DISCONNECT', { max: 1 }))
  await sys.flush()

  await module.close()

  expect((await told).json()).toMatchObject({ client: { name: 'stock.i7' } })
})

test.each([
  ['the branch of another module', subjects.moduleBranch('barcodes')],
  ['what others say to the kernel', subjects.kernelBranch],
  ['the facts', subjects.facts],
  ['everything', '>'],
  ['the inboxes of everybody', '_INBOX.>'],
  ['the inbox of another module', '_INBOX.barcodes.>'],
  ['the answers under way', '_R_.>'],
  ['the system', '$SYS.>'],
])('a module may not subscribe to %s', async (_, subject) => {
  const stock = await server.addModule('stock')
  const module = await stock.connect()

  const refused = new Promise((resolve) =>
    module.subscribe(subject, {
      callback: (error) => {
        if (error) resolve(error.message)
      },
    }),
  )

  expect(await refused).toContain('Permissions Violation for Subscription')
})

const FORBIDDEN = [
  ['as another module', subjects.toKernel('barcodes', 'announce')],
  ['to another module', subjects.toModule('barcodes', 'i1', 'hook', 'code.resolve')],
  ['a fact', subjects.fact('live', 'register-1', 'sale.recorded')],
  ['to the inbox of another', '_INBOX.barcodes.x'],
  ['to its own inbox', '_INBOX.stock.x'],
  ['to an answer under way', '_R_.x.y'],
  ['a request to create a stream', '$JS.API.STREAM.CREATE.OTHER'],
  ['a request to delete the stream', `$JS.API.STREAM.DELETE.${subjects.stream}`],
  ['the same under its own prefix', `js.API.STREAM.DELETE.${subjects.stream}`],
  ['a request to read by number', `js.API.STREAM.MSG.GET.${subjects.stream}`],
  ['a request to create a consumer', `js.API.CONSUMER.CREATE.${subjects.stream}`],
  ['a pull from the durable of another', `js.API.CONSUMER.MSG.NEXT.${subjects.stream}.${subjects.durable('barcodes')}`],
  ['a pull beside its own prefix', `$JS.API.CONSUMER.MSG.NEXT.${subjects.stream}.${subjects.durable('stock')}`],
  ['a look at the durable of another', `js.API.CONSUMER.INFO.${subjects.stream}.${subjects.durable('barcodes')}`],
  ['an acknowledgement for another', `$JS.ACK.${subjects.stream}.${subjects.durable('barcodes')}.1.1.1.1.0`],
  ['to the system', '$SYS.REQ.SERVER.PING'],
] as const

test.each(FORBIDDEN)('a module may not publish %s', async (_, subject) => {
  const stock = await server.addModule('stock')
  await server.addModule('barcodes')
  await makeStream('stock', 'barcodes')
  const heard: string[] = []
  kernel.subscribe('>', {
    callback: (_error, message) => {
      heard.push(message.subject)
    },
  })
  await kernel.flush()
  const module = await stock.connect()
  const refused = complaints(module)

  module.publish(subject, '{}')
  await module.flush()
  await kernel.flush()

  expect(refused.join()).toContain(`Permissions Violation for Publish to "${subject}"`)
  expect(heard).not.toContain(subject)
})
