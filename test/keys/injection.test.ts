import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect, jwtAuthenticator, type Msg, type NatsConnection } from '@nats-io/transport-node'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { subjectsOf } from '../../contracts/subjects.ts'
import { kernelUser } from '../../kernel/keys/accounts.ts'
import { signClaims } from '../../kernel/keys/jwt.ts'
import { moduleKeys } from '../../kernel/keys/module-keys.ts'
import { createNkey } from '../../kernel/keys/nkey.ts'
import { startTestServer, type TestServer } from '../support/nats.ts'

/**
 * The server never checks the reply subject of a message. In a shared account a module can thereby have a trusted party publish
 * where it may not itself; each test here was seen to succeed for the attacker there. Here the attacker even has a user without
 * any permissions to hold it: the accounts alone must do it.
 */

const subjects = subjectsOf('essai')
const HOOK = subjects.toModule('victim', 'i1', 'hook', 'code.resolve')
const FACT = subjects.fact('live', 'register-1', 'sale.recorded')
const api = (verb: string, module: string) => `js.API.CONSUMER.${verb}.${subjects.stream}.${subjects.durable(module)}`

let server: TestServer
let kernel: NatsConnection
let attacker: NatsConnection
let victim: NatsConnection
/** What reached the victim, and what was said within the kernel's account, by subject. */
let atVictim: string[]
let atKernel: string[]

const begin = async (extraConfig = '') => {
  server = await startTestServer({ extraConfig })
  kernel = await server.connectKernel()
  await server.addModule('attacker')
  victim = await (await server.addModule('victim')).connect()
  attacker = await connectUnbound('attacker')
  const manager = await jetstreamManager(kernel, { checkAPI: false })
  await manager.streams.add({ name: subjects.stream, subjects: [subjects.facts] })
  for (const module of ['attacker', 'victim']) {
    await manager.consumers.add(subjects.stream, { durable_name: subjects.durable(module), ack_policy: 'explicit' })
  }
  await jetstream(kernel).publish(FACT, 'a fact')

  atVictim = []
  atKernel = []
  for (const subject of [subjects.moduleBranch('victim'), '_INBOX.victim.>', '$SRV.PING.victim'])
    listen(victim, subject, atVictim)
  listen(kernel, '>', atKernel)
  kernel.subscribe(subjects.everyModule('announce'), {
    callback: (_, message) => {
      message.respond('an answer')
    },
  })
  await settle()
}

const listen = (connection: NatsConnection, subject: string, heard: string[]) =>
  connection.subscribe(subject, {
    callback: (_, message) => {
      heard.push(message.subject)
    },
  })

/** The first message on a subject, subscribed to at once. */
const next = async (connection: NatsConnection, subject: string): Promise<Msg> => {
  for await (const message of connection.subscribe(subject, { max: 1 })) return message
  throw new Error('the subscription ended')
}

/** A user of the module's account who may say and hear everything in it. */
const connectUnbound = async (module: string) => {
  const { account } = await moduleKeys(server.keyring, module)
  const user = createNkey('user')
  // The kernel's own claims say "everything"; here they are signed by the module's account.
  const jwt = signClaims(account, kernelUser(user.publicKey), Date.now())
  const authenticator = jwtAuthenticator(jwt, new TextEncoder().encode(user.seed))
  return connect({ servers: server.url, authenticator })
}

/** Everything said so far has been heard: each has gone to the server and back, twice for an answer on its way. */
const settle = async () => {
  for (let round = 0; round < 3; round++) {
    for (const connection of [attacker, kernel, victim]) await connection.flush()
  }
}

const infoOf = async (module: string) =>
  (await jetstreamManager(kernel, { checkAPI: false })).consumers.info(subjects.stream, subjects.durable(module))

const factsKept = async () =>
  (await (await jetstreamManager(kernel, { checkAPI: false })).streams.info(subjects.stream)).state.messages

beforeEach(() => begin())
afterEach(async () => {
  await attacker.close()
  await server.stop()
})

test('a pull that wants its facts sent to the hook of another only reaches its own account', async () => {
  const own = next(attacker, HOOK)
  attacker.publish(api('MSG.NEXT', 'attacker'), '1', { reply: HOOK })

  expect((await own).string()).toBe('a fact')
  await settle()
  expect(atVictim).toEqual([])
  expect(atKernel).not.toContain(HOOK)
})

test('a call of JetStream that wants its answer sent to the hook of another only reaches its own account', async () => {
  const own = next(attacker, HOOK)
  attacker.publish(FACT, 'forged', { reply: HOOK })
  attacker.publish(api('INFO', 'attacker'), '', { reply: HOOK })

  await own
  await settle()
  expect(atVictim).toEqual([])
  expect(atKernel).not.toContain(HOOK)
  expect(await factsKept()).toBe(1)
})

test('a question that wants its answer published as a fact forges none', async () => {
  const own = next(attacker, FACT)
  attacker.publish(subjects.toKernel('attacker', 'announce'), '', { reply: FACT })

  expect((await own).string()).toBe('an answer')
  await settle()
  expect(atKernel).not.toContain(FACT)
  expect(await factsKept()).toBe(1)
})

test('a question that wants its answer sent to the inbox of another only reaches its own account', async () => {
  const own = next(attacker, '_INBOX.victim.x')
  attacker.publish(subjects.toKernel('attacker', 'announce'), '', { reply: '_INBOX.victim.x' })

  expect((await own).string()).toBe('an answer')
  await settle()
  expect(atKernel).not.toContain('_INBOX.victim.x')
  expect(atVictim).toEqual([])
})

test('an acknowledgement in the coming form, read as one for another, pulls nothing from that durable', async () => {
  const loot = next(attacker, 'loot')
  // As `$JS.ACK.<domain>.<account>.<stream>.<mine>.>` it would be the attacker's own; as `$JS.ACK.<stream>.<durable>.…` the victim's.
  const disguised = `$JS.ACK.${subjects.stream}.${subjects.durable('victim')}.${subjects.stream}.${subjects.durable('attacker')}.1.1.1`
  attacker.publish(disguised, '+NXT', { reply: 'loot' })

  expect((await loot).headers?.code, 'nobody is there').toBe(503)
  expect(await infoOf('victim')).toMatchObject({ num_ack_pending: 0, delivered: { stream_seq: 0 } })
})

test('an answer to the kernel carries no reply subject of the module into it', async () => {
  attacker.subscribe(subjects.moduleBranch('attacker'), {
    callback: (_, message) => {
      attacker.publish(message.reply ?? '', 'an answer', { reply: FACT })
    },
  })
  await attacker.flush()

  const answer = await kernel.request(subjects.toModule('attacker', 'i1', 'control'))

  expect(answer.reply ?? '').not.toBe(FACT)
})

test('an answer as a service carries no reply subject of the module into the kernel, and nobody else is asked', async () => {
  const asked: string[] = []
  attacker.subscribe('$SRV.>', {
    callback: (_, message) => {
      asked.push(message.subject)
      attacker.publish(message.reply ?? '', 'an answer', { reply: FACT })
    },
  })
  await attacker.flush()

  const answer = await kernel.request(subjects.toService('attacker', 'i1', 'PING'))
  expect(answer.string()).toBe('an answer')
  expect(answer.reply ?? '').not.toBe(FACT)
  kernel.publish(subjects.toService('victim', 'i1', 'PING'), '')
  kernel.publish('$SRV.PING', 'within the kernel’s account')
  await settle()
  expect(asked).toEqual(['$SRV.PING.attacker.i1'])
})

test('a module without bonds still hears and reaches nothing beyond its account', async () => {
  const heard: string[] = []
  listen(attacker, '>', heard)
  await attacker.flush()
  await jetstream(kernel).publish(FACT, 'another fact')
  kernel.publish(HOOK, 'for the victim')
  for (const subject of [
    subjects.toKernel('victim', 'announce'),
    subjects.facts.replace('>', 'x'),
    `$JS.API.STREAM.DELETE.${subjects.stream}`,
    `js.API.STREAM.DELETE.${subjects.stream}`,
    `$JS.API.CONSUMER.MSG.NEXT.${subjects.stream}.${subjects.durable('victim')}`,
    api('MSG.NEXT', 'victim'),
    `$JS.ACK.${subjects.stream}.${subjects.durable('victim')}.1.1.1.1.0`,
    '$SRV.PING.victim',
    subjects.toService('victim', 'i1', 'PING'),
    `${subjects.services.slice(0, -1)}PING`,
  ]) {
    attacker.publish(subject, '1', { reply: 'answers' })
  }
  await settle()

  expect(heard).not.toContain(FACT)
  expect(heard).not.toContain(HOOK)
  expect(atVictim).toEqual([HOOK])
  expect(atKernel).not.toContain(subjects.toKernel('victim', 'announce'))
  expect(atKernel.filter((subject) => subject.includes('.service'))).toEqual([])
  expect(await factsKept()).toBe(2)
  expect(await infoOf('victim')).toMatchObject({ num_ack_pending: 0, delivered: { stream_seq: 0 } })
})

test('the coming form of acknowledgements works where the server uses it', async ({ skip }) => {
  const [, minor = 0] = (kernel.info?.version ?? '').split('.').map(Number)
  if (minor < 14) skip('this server does not know it')
  await attacker.close()
  await server.stop()
  await begin('\nfeature_flags { js_ack_fc_v2: true }\n')
  const durable = await jetstream(victim, { apiPrefix: 'js.API' }).consumers.get(
    subjects.stream,
    subjects.durable('victim'),
  )

  const fact = await durable.next()
  await fact?.ackAck()

  expect(await infoOf('victim')).toMatchObject({ num_ack_pending: 0, ack_floor: { stream_seq: 1 } })
})
