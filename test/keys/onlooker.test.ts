import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect, jwtAuthenticator, type NatsConnection } from '@nats-io/transport-node'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { subjectsOf } from '../../contracts/subjects.ts'
import { kernelUser } from '../../kernel/keys/accounts.ts'
import { signClaims } from '../../kernel/keys/jwt.ts'
import { createNkey } from '../../kernel/keys/nkey.ts'
import { onlookerKeys } from '../../kernel/keys/onlooker-keys.ts'
import { startTestServer, type TestServer } from '../support/nats.ts'
import { until } from '../support/wait.ts'

/**
 * Whoever has the operator's credentials for the tools of NATS, and wants more. Each attempt is looked at from the receiving side, and made
 * twice: with the credentials as they are written, and by a user of that account who may say and hear everything in it, so that
 * the account alone must hold.
 */

const subjects = subjectsOf('essai')
const HOOK = subjects.toModule('victim', 'i1', 'hook', 'code.resolve')
const FACT = subjects.fact('live', 'register-1', 'sale.recorded')
const { stream } = subjects

let server: TestServer
let kernel: NatsConnection
let victim: NatsConnection
let onlooker: NatsConnection
let unbound: NatsConnection
/** Who heard what, of all that anybody can hear. */
const heard: string[] = []

beforeAll(async () => {
  server = await startTestServer()
  kernel = await server.connectKernel()
  victim = await (await server.addModule('victim')).connect('i1')
  onlooker = await server.connectOnlooker()
  unbound = await connectUnbound()
  const manager = await jetstreamManager(kernel, { checkAPI: false })
  await manager.streams.add({ name: stream, subjects: [subjects.facts], allow_direct: true })
  await manager.consumers.add(stream, { durable_name: subjects.durable('victim'), ack_policy: 'explicit' })
  await jetstream(kernel).publish(FACT, 'a fact')
  // As the kernel hands on, and answers twice.
  kernel.subscribe(subjects.services, {
    callback(_, message) {
      message.respond('one')
      message.respond('two')
    },
  })
  kernel.subscribe('>', { callback: (_, { subject }) => void (isItsOwn(subject) || heard.push(`kernel ${subject}`)) })
  for (const subject of [subjects.moduleBranch('victim'), '_INBOX.victim.>', '$SRV.PING', '$SRV.PING.victim.*'])
    victim.subscribe(subject, { callback: (_, { subject }) => void heard.push(`victim ${subject}`) })
  await settle()
})
afterAll(async () => {
  await unbound.close()
  await server.stop()
})
beforeEach(() => {
  heard.length = 0
})

/** A user of the onlookers' account who may say and hear everything in it. */
const connectUnbound = async () => {
  const { account } = await onlookerKeys(server.keyring)
  const user = createNkey('user')
  // The kernel's own claims say "everything"; here they are signed by the onlookers' account.
  const jwt = signClaims(account, kernelUser(user.publicKey), Date.now())
  return connect({ servers: server.url, authenticator: jwtAuthenticator(jwt, new TextEncoder().encode(user.seed)) })
}

/** What the kernel asks of JetStream for this test, what JetStream says of it, and answers on their way. */
const isItsOwn = (subject: string) =>
  /^(_INBOX\.(?!victim)|_R_\.(?!x\.y)|\$JS\.EVENT\.ADVISORY\.API|\$JS\.API\.(CONSUMER|STREAM)\.INFO\b)/.test(subject)

const settle = async () => {
  for (let round = 0; round < 3; round++)
    for (const connection of [onlooker, unbound, kernel, victim]) await connection.flush()
}

const look = async () => {
  const manager = await jetstreamManager(kernel, { checkAPI: false })
  const { state } = await manager.streams.info(stream)
  const { num_ack_pending, delivered, ack_floor } = await manager.consumers.info(stream, subjects.durable('victim'))
  return { messages: state.messages, num_ack_pending, delivered: delivered.stream_seq, floor: ack_floor.stream_seq }
}

const complaint = async (connection: NatsConnection, act: () => void): Promise<string> => {
  const told = (async () => {
    for await (const status of connection.status()) if (status.type === 'error') return status.error.message
    return 'closed'
  })()
  act()
  return told
}

test('it asks, and is answered as often as there are answers', async () => {
  const answers: string[] = []
  const wanted = { strategy: 'count', maxMessages: 2, maxWait: 5_000 } as const
  for await (const answer of await onlooker.requestMany('$SRV.INFO.victim', '', wanted)) answers.push(answer.string())
  expect(answers).toEqual(['one', 'two'])
  await settle()
  expect(heard).toEqual([`kernel ${subjects.services.slice(0, -1)}INFO.victim`])
})

const SAYS: [what: string, subject: string][] = [
  ['a fact', FACT],
  ['a question to a module', HOOK],
  ['to a module’s control', subjects.toModule('victim', 'i1', 'control', 'drain')],
  ['to a module as a service, past the kernel', subjects.toService('victim', 'i1', 'PING')],
  ['its own question under the kernel’s name for it', `${subjects.services.slice(0, -1)}PING`],
  ['as a module', subjects.toKernel('victim', 'announce')],
  ['news between kernels', subjects.kernels('module')],
  ['to a module’s inbox', '_INBOX.victim.x'],
  ['to an answer under way', '_R_.x.y'],
  ['a pull', `$JS.API.CONSUMER.MSG.NEXT.${stream}.${subjects.durable('victim')}`],
  ['the same by a module’s prefix', `js.API.CONSUMER.MSG.NEXT.${stream}.${subjects.durable('victim')}`],
  ['an acknowledgement', `$JS.ACK.${stream}.${subjects.durable('victim')}.1.1.1.1.0`],
  ['a fact by its number', `$JS.API.STREAM.MSG.GET.${stream}`],
  ['a direct get', `$JS.API.DIRECT.GET.${stream}.${FACT}`],
  ['the stream’s removal', `$JS.API.STREAM.DELETE.${stream}`],
  ['a look at the connections', '$SYS.REQ.SERVER.PING.CONNZ'],
  ['a new account', '$SYS.REQ.CLAIMS.UPDATE'],
]

test.each(SAYS)('it says %s: the server refuses, and nobody hears it', async (_, subject) => {
  const before = await look()
  heard.length = 0

  const refused = await complaint(onlooker, () => onlooker.publish(subject, '1', { reply: '_INBOX.mine' }))
  unbound.publish(subject, '1', { reply: 'mine' })
  await settle()

  expect(refused).toContain(`Permissions Violation for Publish to "${subject}"`)
  expect(heard).toEqual([])
  expect(await look()).toEqual(before)
})

const HEARS = [
  '>',
  subjects.facts,
  subjects.moduleBranch('victim'),
  subjects.kernelBranch,
  '_R_.>',
  '$JS.>',
  '$SRV.>',
  '$SYS.>',
]

test.each(HEARS)('it listens to %s: the server refuses, and it hears nothing', async (subject) => {
  const loot: string[] = []
  const refused = new Promise<string>((resolve) =>
    onlooker.subscribe(subject, {
      callback: (error, message) => (error ? resolve(error.message) : void loot.push(message.subject)),
    }),
  )
  // A user without bonds hears the servers' words within his own account, and no more.
  const own = unbound.subscribe(subject, { callback: (_, message) => void loot.push(message.subject) })
  expect(await refused).toContain('Permissions Violation for Subscription')
  await unbound.flush()

  await jetstream(kernel).publish(FACT, 'another fact')
  kernel.publish(HOOK, 'for the victim')
  kernel.publish('$SRV.PING', 'within the kernel’s account')
  victim.publish(subjects.toKernel('victim', 'heartbeat'), 'for the kernel')
  await settle()
  own.unsubscribe()
  expect(heard).toContain(`victim ${HOOK}`)
  expect(loot).toEqual([])
})

const REPLIES: [what: string, reply: string][] = [
  ['into the facts', FACT],
  ['to a module’s question', HOOK],
  ['to a module’s inbox', '_INBOX.victim.x'],
  ['to JetStream', `$JS.API.STREAM.PURGE.${stream}`],
  ['to the kernel, as a module', subjects.toKernel('victim', 'announce')],
]

test.each(REPLIES)('it wants the answers sent %s: they stay in its own account', async (_, reply) => {
  const before = await look()
  heard.length = 0
  const own: string[] = []
  const mine = unbound.subscribe(reply, { callback: (_, message) => void own.push(message.string()) })
  unbound.publish('$SRV.PING', '', { reply })
  onlooker.publish('$SRV.PING', '', { reply })
  await until(() => own.length >= 4)
  await settle()
  mine.unsubscribe()

  expect(own.sort()).toEqual(['one', 'one', 'two', 'two'])
  expect(heard).toEqual([1, 2].map(() => `kernel ${subjects.services.slice(0, -1)}PING`))
  expect(await look()).toEqual(before)
})

test('it wants the answers to acknowledge a fact of another: the server does not even hand the question on', async () => {
  const reply = `$JS.ACK.${stream}.${subjects.durable('victim')}.1.1.1.1.0`
  const refused = await complaint(unbound, () => unbound.publish('$SRV.PING', '', { reply }))
  await settle()

  expect(refused).toMatch(/Permissions Violation for Publish with Reply/)
  expect(heard).toEqual([])
})
