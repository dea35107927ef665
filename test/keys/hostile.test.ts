import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect, credsAuthenticator, jwtAuthenticator, type NatsConnection } from '@nats-io/transport-node'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { subjectsOf } from '../../contracts/subjects.ts'
import { MAX_PAYLOAD_BYTES } from '../../kernel/keys/accounts.ts'
import { moduleCredentials } from '../../kernel/keys/credentials.ts'
import { readClaims } from '../../kernel/keys/jwt.ts'
import { moduleKeys } from '../../kernel/keys/module-keys.ts'
import { startTestServer, type TestServer } from '../support/nats.ts'

/**
 * A module that wants more than it was granted. Each attempt is looked at from the receiving side: nobody hears anything, no durable
 * moves, the stream keeps what it has. The hostile module may hear one fact and tell one, and that works beside every attempt.
 */

const mine = subjectsOf('essai')
const other = subjectsOf('autre')
const STREAM = mine.stream
const [OWN, VICTIM] = [mine.durable('hostile'), mine.durable('victim')]
const HOOK = mine.toModule('victim', 'i1', 'hook', 'code.resolve')
const FACT = mine.fact('live', 'register-1', 'sale.recorded')

let server: TestServer
let kernel: NatsConnection
let sys: NatsConnection
let victim: NatsConnection
let hostile: NatsConnection
/** Who heard what, of all that anybody can hear, since it was last emptied. */
const heard: string[] = []

beforeAll(async () => {
  server = await startTestServer()
  kernel = await server.connectKernel()
  sys = await server.connectSys()
  victim = await (
    await server.addModule('victim', ['hears:sale.recorded', 'tells:victim.moved', 'asks:price.suggest'])
  ).connect()
  hostile = await (await server.addModule('hostile', ['hears:sale.recorded', 'tells:hostile.moved'])).connect()
  const manager = await jetstreamManager(kernel, { checkAPI: false })
  await manager.streams.add({ name: STREAM, subjects: [mine.facts], allow_direct: true })
  for (const durable_name of [OWN, VICTIM])
    await manager.consumers.add(STREAM, { durable_name, ack_policy: 'explicit' })
  for (let nth = 0; nth < 3; nth++) await jetstream(kernel).publish(FACT, `fact ${nth}`)
  kernel.subscribe(mine.kernelBranch, { callback: (_, message) => void message.respond('answered') })
  listen(kernel, '>', 'kernel')
  listen(sys, '$SYS.REQ.>', 'sys')
  for (const subject of [mine.moduleBranch('victim'), '_INBOX.victim.>']) listen(victim, subject, 'victim')
  await settle()
})
afterAll(() => server.stop())

const listen = (connection: NatsConnection, subject: string, who: string) =>
  connection.subscribe(subject, {
    callback: (error, message) => {
      if (!error && !(who === 'kernel' && isItsOwn(message.subject))) heard.push(`${who} ${message.subject}`)
    },
  })

/** The kernel's own questions to JetStream, what JetStream says of them, and the kernel's own answers. */
const isItsOwn = (subject: string) =>
  /^(_INBOX\.|_R_\.(?!x\.y)|\$JS\.EVENT\.ADVISORY\.API|\$JS\.API\.(CONSUMER|STREAM)\.(INFO|LIST)\b)/.test(subject) &&
  !subject.startsWith('_INBOX.victim')

/** Everything that was said has been heard, and answered, by whoever could. */
const settle = async () => {
  for (let round = 0; round < 3; round++)
    for (const connection of [hostile, kernel, victim, sys]) await connection.flush()
}

const look = async () => {
  const manager = await jetstreamManager(kernel, { checkAPI: false })
  const durable = async (name: string) => {
    const { num_ack_pending, num_pending, delivered, ack_floor, config } = await manager.consumers.info(STREAM, name)
    return { num_ack_pending, num_pending, delivered: delivered.stream_seq, floor: ack_floor.stream_seq, config }
  }
  const { state, config } = await manager.streams.info(STREAM)
  const consumers = await manager.consumers.list(STREAM).next()
  const streams = await manager.streams.list().next()
  return {
    ...{ messages: state.messages, config, victim: await durable(VICTIM) },
    ...{ consumers: consumers.map(({ name }) => name), streams: streams.map(({ config: { name } }) => name) },
  }
}

/** The allowed thing, and that the ears of this test hear it. */
const works = async () => {
  heard.length = 0
  expect((await hostile.request(mine.toKernel('hostile', 'tell', 'hostile.moved'), '{}')).string()).toBe('answered')
  await settle()
  expect(heard).toEqual([`kernel ${mine.toKernel('hostile', 'tell', 'hostile.moved')}`])
  heard.length = 0
}

const SAYS: [what: string, subject: string, payload?: string][] = [
  ['a fact of the kernel', FACT, '{"totalCents":1}'],
  ['a fact of its own beside the kernel', mine.fact('live', 'module-hostile', 'hostile.moved')],
  ['a fact into training', mine.fact('training', 'register-1', 'sale.recorded')],
  ['a fact of another site', other.fact('live', 'register-1', 'sale.recorded')],
  ['a fact that it did not declare', mine.toKernel('hostile', 'tell', 'hostile.other')],
  ['a fact that another declared', mine.toKernel('hostile', 'tell', 'victim.moved')],
  ['a question that it did not declare', mine.toKernel('hostile', 'ask', 'price.suggest')],
  ['a question from inside one that it was not asked', mine.within('hostile', 'k-1', 'price.suggest')],
  ['the way on of a wrapper that it is not', mine.proceed('hostile', 'k-1', 'call.1')],
  ['an announce under another name', mine.toKernel('victim', 'announce')],
  ['a fact under another name', mine.toKernel('victim', 'tell', 'victim.moved')],
  ['a goodbye under another name', mine.toKernel('victim', 'bye')],
  ['an announce under its name at another site', other.toKernel('hostile', 'announce')],
  ['a verb that there is not', `${mine.kernelBranchOf('hostile').slice(0, -1)}reboot`],
  ['news between kernels', mine.kernels('module')],
  ['a question to another module', HOOK],
  ['to another module’s control', mine.toModule('victim', 'i1', 'control', 'drain')],
  ['to another’s inbox', '_INBOX.victim.x'],
  ['to an answer under way', '_R_.x.y'],
  ['a pull from another’s durable', `js.API.CONSUMER.MSG.NEXT.${STREAM}.${VICTIM}`, '1'],
  ['the same, past its prefix', `$JS.API.CONSUMER.MSG.NEXT.${STREAM}.${VICTIM}`, '1'],
  ['a look at another’s durable', `js.API.CONSUMER.INFO.${STREAM}.${VICTIM}`],
  ['an acknowledgement for another', `$JS.ACK.${STREAM}.${VICTIM}.1.1.1.1.0`, '+ACK'],
  ['an end of another’s fact', `$JS.ACK.${STREAM}.${VICTIM}.1.1.1.1.0`, '+TERM'],
  ['an acknowledgement in the coming form', `$JS.ACK._.x.${STREAM}.${VICTIM}.1.1.1.1.0.x`, '+NXT'],
  ['its own durable’s removal', `js.API.CONSUMER.DELETE.${STREAM}.${OWN}`],
  ['another’s durable’s removal', `$JS.API.CONSUMER.DELETE.${STREAM}.${VICTIM}`],
  ['a new consumer', `$JS.API.CONSUMER.CREATE.${STREAM}.spy.>`, `{"stream_name":"${STREAM}","config":{"name":"spy"}}`],
  [
    'a new durable',
    `js.API.CONSUMER.DURABLE.CREATE.${STREAM}.spy`,
    `{"stream_name":"${STREAM}","config":{"durable_name":"spy"}}`,
  ],
  [
    'a pause of another’s durable',
    `$JS.API.CONSUMER.PAUSE.${STREAM}.${VICTIM}`,
    '{"pause_until":"2100-01-01T00:00:00Z"}',
  ],
  ['a new stream', '$JS.API.STREAM.CREATE.SPY', '{"name":"SPY","subjects":["rq.>"]}'],
  ['the stream’s removal', `$JS.API.STREAM.DELETE.${STREAM}`],
  ['the stream’s purge', `js.API.STREAM.PURGE.${STREAM}`],
  ['another set-up of the stream', `$JS.API.STREAM.UPDATE.${STREAM}`, `{"name":"${STREAM}","max_msgs":1}`],
  ['one fact’s removal', `$JS.API.STREAM.MSG.DELETE.${STREAM}`, '{"seq":1}'],
  ['a look at all streams', '$JS.API.STREAM.LIST'],
  ['a look at the account', '$JS.API.INFO'],
  ['a fact by its number', `$JS.API.STREAM.MSG.GET.${STREAM}`, '{"seq":1}'],
  ['a direct get', `$JS.API.DIRECT.GET.${STREAM}`, '{"seq":1}'],
  ['a direct get by subject', `js.API.DIRECT.GET.${STREAM}.${FACT}`],
  ['a look at all services', '$SRV.PING'],
  ['a look at another as a service', '$SRV.INFO.victim'],
  ['a look at itself as a service', '$SRV.STATS.hostile.i1'],
  ['an onlooker’s question', `${mine.services.slice(0, -1)}PING`],
  ['the kernel’s question to a service', mine.toService('victim', 'i1', 'PING')],
  ['a new account', '$SYS.REQ.CLAIMS.UPDATE', 'x.y.z'],
  ['the list of accounts', '$SYS.REQ.CLAIMS.LIST'],
  ['the server’s reload', '$SYS.REQ.SERVER.PING.RELOAD'],
  ['the list of connections', '$SYS.REQ.SERVER.PING.CONNZ'],
  ['an account’s connections', '$SYS.REQ.ACCOUNT.PING.CONNZ'],
]

test.each(SAYS)('it says %s: nobody hears it', async (_, subject, payload = '{}') => {
  await works()
  const before = await look()
  heard.length = 0

  const answer = await hostile.request(subject, payload, { timeout: 100, noMux: true, reply: '_INBOX.hostile.x' }).then(
    (message) => message.string(),
    (error: Error) => error.message,
  )
  await settle()

  expect(heard).toEqual([])
  expect(answer).toMatch(/no responders|timeout|Permissions Violation/)
  expect(await look()).toEqual(before)
})

const HEARS: [what: string, subject: string][] = [
  ['everything', '>'],
  ['every first word', '*'],
  ['the whole site', mine.facts.replace('evt.>', '>')],
  ['the facts', mine.facts],
  ['what others say to the kernel', mine.kernelBranch],
  ['what kernels say', mine.kernels('module')],
  ['another module’s questions', mine.moduleBranch('victim')],
  ['every module’s questions', mine.moduleBranch('victim').replace('victim', '*')],
  ['another site', other.facts],
  ['another’s inbox', '_INBOX.victim.>'],
  ['everybody’s inboxes', '_INBOX.>'],
  ['answers under way', '_R_.>'],
  ['who comes and goes', '$SYS.ACCOUNT.*.DISCONNECT'],
  ['JetStream', '$JS.>'],
  ['what is asked of any service', '$SRV.>'],
  ['what is asked of another as a service', '$SRV.PING.victim'],
  ['the same of one of its processes', '$SRV.STATS.victim.i1'],
  ['what onlookers ask', mine.services],
  ['what the kernel asks another as a service', mine.serviceOf('victim')],
]

test.each(HEARS)('it listens to %s: the server refuses, and it hears nothing', async (_, subject) => {
  const loot: string[] = []
  const refused = new Promise<string>((resolve) =>
    hostile.subscribe(subject, {
      callback: (error, message) => {
        if (error) resolve(error.message)
        else loot.push(message.subject)
      },
    }),
  )
  expect(await refused).toContain('Permissions Violation for Subscription')

  kernel.publish(HOOK, 'for the victim')
  victim.publish(mine.toKernel('victim', 'heartbeat'), 'for the kernel')
  await settle()
  expect(heard).toEqual(expect.arrayContaining([`victim ${HOOK}`, `kernel ${mine.toKernel('victim', 'heartbeat')}`]))
  expect(loot).toEqual([])
  heard.length = 0
})

const REPLIES: [what: string, subject: string, payload: string, reply: string][] = [
  ['its facts to another’s hook', `js.API.CONSUMER.MSG.NEXT.${STREAM}.${OWN}`, '{"batch":1,"no_wait":true}', HOOK],
  ['JetStream’s answer to another’s hook', `js.API.CONSUMER.INFO.${STREAM}.${OWN}`, '', HOOK],
  ['the kernel’s answer into the facts', mine.toKernel('hostile', 'announce'), '', FACT],
  ['the kernel’s answer to another’s inbox', mine.toKernel('hostile', 'announce'), '', '_INBOX.victim.x'],
]

test.each(REPLIES)('it wants %s: that stays in its own account', async (_, subject, payload, reply) => {
  const before = await look()
  heard.length = 0

  hostile.publish(subject, payload, { reply })
  await settle()

  expect(heard.filter((one) => one.startsWith('victim') || one === `kernel ${reply}`)).toEqual([])
  expect((await look()).messages).toBe(before.messages)
})

test('it comes with another’s token and its own key: the server lets nobody in', async () => {
  const { creds } = await moduleCredentials(server.keyring, 'victim')
  const stolen = /-----\n(ey[^\n]+)\n/.exec(creds)?.[1] ?? ''
  expect(readClaims(stolen).name).toBe('victim')
  const { user } = await moduleKeys(server.keyring, 'hostile')
  const comes = (jwt: string) =>
    connect({
      ...{ servers: server.url, reconnect: false, inboxPrefix: '_INBOX.hostile' },
      authenticator: jwtAuthenticator(jwt, new TextEncoder().encode(user.seed)),
    })

  await expect(comes(stolen)).rejects.toThrow(/Authorization/)
  const own = /-----\n(ey[^\n]+)\n/.exec((await moduleCredentials(server.keyring, 'hostile')).creds)?.[1] ?? ''
  await (await comes(own)).close()
})

test('it comes a hundred times at once: there are 64 places, and others still come in', async () => {
  const { creds, inboxPrefix } = await moduleCredentials(server.keyring, 'hostile')
  const authenticator = credsAuthenticator(new TextEncoder().encode(creds))
  const comes = () =>
    connect({ servers: server.url, authenticator, inboxPrefix, reconnect: false, timeout: 5_000 }).then(
      async (connection) => {
        await connection.flush()
        return connection
      },
    )
  const all = await Promise.allSettled(Array.from({ length: 100 }, comes))
  const came = all.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))

  expect(came.filter((connection) => !connection.isClosed()).length).toBeLessThanOrEqual(63)
  await (await (await server.module('victim')).connect('victim.i2')).flush()
  await Promise.all(came.map((connection) => connection.close()))
})

test('it subscribes without end: a thousand are there, the next is refused, and it is still served', async () => {
  const { creds, inboxPrefix } = await moduleCredentials(server.keyring, 'hostile')
  const authenticator = credsAuthenticator(new TextEncoder().encode(creds))
  const greedy = await connect({ servers: server.url, authenticator, inboxPrefix, reconnect: false })
  const complaint = new Promise<string>((resolve) => {
    void (async () => {
      for await (const status of greedy.status()) if (status.type === 'error') resolve(status.error.message)
    })()
    void greedy.closed().then((error) => resolve(error?.message ?? 'closed'))
  })
  for (let nth = 0; nth < 1_100; nth++) greedy.subscribe(`${inboxPrefix}.s${nth}`, { callback: () => {} })

  expect(await complaint).toMatch(/subscriptions exceeded/i)
  await greedy.close()
  await works()
})

test('it sends more than a message may bear: it is cut off, and nobody hears any of it', async () => {
  const { creds, inboxPrefix } = await moduleCredentials(server.keyring, 'hostile')
  const authenticator = credsAuthenticator(new TextEncoder().encode(creds))
  const large = await connect({ servers: server.url, authenticator, inboxPrefix, reconnect: false })
  heard.length = 0
  // Our client refuses by itself, for it was told the limit: a hostile one would not care.
  Object.assign(large.info ?? {}, { max_payload: 8 * MAX_PAYLOAD_BYTES })
  large.publish(mine.toKernel('hostile', 'tell', 'hostile.moved'), new Uint8Array(MAX_PAYLOAD_BYTES + 1))
  await large.closed()
  await settle()

  expect(heard).toEqual([])
  await works()
})
