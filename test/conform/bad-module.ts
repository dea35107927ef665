import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { jetstream } from '@nats-io/jetstream'
import { connect, credsAuthenticator, type Msg } from '@nats-io/transport-node'

/**
 * Does wrong on purpose, in the way that its argument names. Not written with the SDK, which would not let it.
 *
 * `sloppy` lives and does nearly everything wrong; `fragile` dies of what it did not expect; `hasty` believes that all it is told
 * and answered is well; the others fail at the door.
 */
const [, , how = ''] = process.argv
const manifest = JSON.parse(readFileSync(join(import.meta.dirname, `${how}.json`), 'utf8')) as { name: string }
const { NATS_URL, RECYCLIQUE_CREDS, RECYCLIQUE_SITE: site, RECYCLIQUE_INSTANCE: instance = '' } = process.env
const isSloppy = how === 'sloppy'
const isFragile = how === 'fragile'

const asSomebodyElse = {
  ...{ type: 'io.nats.micro.v1.ping_response', name: 'somebody-else', id: instance, version: '1.0.0', metadata: {} },
}

if (how === 'silent') setInterval(() => {}, 1_000)
else if (how === 'dying') {
  console.error('cannot find my configuration')
  process.exit(3)
} else await live()

async function live() {
  const INVALID = '{"error":{"kind":"invalid","code":"malformed","message":"this is no command"}}'
  const hashOf = (text: string) => createHash('sha256').update(text).digest('hex')
  const FILE = { path: 'index.html', bytes: 4, sha256: hashOf('page') }
  const BUNDLE = { sha256: hashOf(`${FILE.sha256} 4 index.html\n`), files: 1, bytes: 4 }
  const toKernel = (verb: string) => `rq.${site}.kernel.${manifest.name}.${verb}`
  const mine = `rq.${site}.mod.${manifest.name}.${instance}.`
  const connection = await connect({
    servers: NATS_URL as string,
    ...(isSloppy ? {} : { name: instance }),
    inboxPrefix: `_INBOX.${manifest.name}`,
    authenticator: credsAuthenticator(readFileSync(RECYCLIQUE_CREDS as string)),
    ...(isFragile ? { reconnect: false } : { maxReconnectAttempts: -1, reconnectTimeWait: 50 }),
  })
  if (isFragile) void connection.closed().then(() => process.exit(4))
  const startedAt = new Date().toISOString()
  let count = 0
  let pulls = 0

  if (how === 'babbling') {
    setInterval(() => connection.publish(toKernel('announce'), 'hello, here I am'), 50)
    return
  }

  const announce = async () => {
    const manifestHash = (isSloppy ? Math.random().toString(16).slice(2) : 'a').padEnd(64, 'b').slice(0, 64)
    const config = [{ key: 'most', value: 3, origin: 'default', secret: false }]
    const more = isSloppy ? { resumeAfter: 0, bundle: BUNDLE } : how === 'hasty' ? { config } : {}
    const said = { manifest, manifestHash, instance, startedAt, ...more }
    const reply = await connection.request(toKernel('announce'), JSON.stringify(said), { timeout: 2_000 })
    const { state, hearing, heartbeatMs } = reply.json<{
      state: string
      heartbeatMs: number
      hearing?: { stream: string; durable: string }
    }>()
    if (state === 'rejected') process.exit(isSloppy ? 0 : 1)
    if (isFragile && state !== 'admitted') throw new Error(`not admitted but ${state}`)
    if (state !== 'admitted') return void setTimeout(announce, 100)
    beat(heartbeatMs)
    if (hearing && pulls === 0) void pull(hearing)
  }

  const beat = (everyMs: number) => {
    if (how === 'flooding') setInterval(() => beats(200), 5)
    else setInterval(() => beats(1), everyMs)
  }
  const beats = (times: number) => {
    const said = isSloppy ? { instance } : { instance, inFlight: 0, position: count }
    for (let nth = 0; nth < times; nth += 1) connection.publish(toKernel('heartbeat'), JSON.stringify(said))
  }

  const pull = async ({ stream, durable }: { stream: string; durable: string }) => {
    pulls += 1
    const consumer = await jetstream(connection, { apiPrefix: 'js.API' }).consumers.get(stream, durable)
    for (;;) {
      const message = await consumer.next({ expires: 1_000 }).catch(() => undefined)
      if (!message) continue
      // Counted again each time it comes, and acknowledged whatever it is.
      count += 1
      if (isFragile) JSON.parse(message.string())
      message.ack()
      if (isSloppy) connection.publish(toKernel('tell.sloppy.thing'), '{}')
    }
  }

  const reply = async (message: Msg): Promise<string | undefined> => {
    const [verb, what = ''] = message.subject.slice(mine.length).split('.')
    if (verb === 'control') return isSloppy ? sloppyControl(what) : control(what, message)
    if (verb === 'http') return route(message)
    if (verb === 'page') return page(message.string())
    if (how === 'hasty' && what === 'no-such-thing') return INVALID
    if (verb === 'command') return isSloppy ? carelessly() : countedOn(message)
    if (verb === 'tool')
      return isSloppy ? '{"v":1,"error":{"kind":"thrown","code":"oops","message":"oops"}}' : '{"v":1}'
    if (verb === 'job') return isSloppy ? 'done' : once(message)
    if (verb !== 'hook') return undefined
    const call = message.json<{ handler: string; proceed?: string; args: { categoryId?: string } }>()
    if (call.proceed === undefined) return isSloppy ? '{"v":{"unitCents":"dear"}}' : slowly()
    await connection.request(call.proceed, '', { timeout: 1_000 })
    if (isSloppy) await connection.request(call.proceed, '', { timeout: 1_000 })
    return '{"error":{"kind":"thrown","code":"oops","message":"oops"}}'
  }

  const wish = (what: string, body: object) =>
    connection.request(toKernel(what), JSON.stringify(body), { timeout: 200 })

  /** Hears no answer, and says that all is done. */
  const carelessly = async () => {
    await wish('kv.put', { key: 'count', value: 1, revision: 0 })
    await wish('job.set', { id: 'a', job: 'none', at: startedAt })
    return '{"v":7}'
  }

  /** Believes that it is always answered, in time and well, by what it knows. */
  const countedOn = async (message: Msg) => {
    const call = message.json<{ deadline: number; args: object; aLaterField?: unknown }>()
    if (typeof call.args !== 'object' || Array.isArray(call)) return INVALID
    if (call.aLaterField !== undefined) return INVALID
    if (call.deadline < Date.now()) process.exit(9)
    const { v } = (await wish('kv.put', { key: 'count', value: 1 })).json<{ v?: { revision: number } }>()
    return v && v.revision > 0 ? '{"v":"counted"}' : '{"error":{"kind":"thrown","code":"away","message":"away"}}'
  }

  const runs = new Set<string>()
  const once = (message: Msg) => {
    const { job } = message.json<{ job: { id: string; dueAt: string } }>()
    const run = `${job.id} ${job.dueAt}`
    if (runs.has(run)) return '{"error":{"kind":"thrown","code":"twice","message":"this was done before"}}'
    runs.add(run)
    return '{"v":null}'
  }

  const page = (text: string) =>
    text.includes('listingFrom') && text.includes(BUNDLE.sha256)
      ? JSON.stringify({ files: [FILE] })
      : JSON.stringify({ data: Buffer.from('else').toString('base64') })

  const slowly = async () => {
    await new Promise((resolve) => setTimeout(resolve, 200))
    return '{"none":true}'
  }

  const control = (what: string, message: Msg) => {
    if (what === 'config') return '{"ok":true}'
    if (message.data.length > 0) message.json()
    if (what === 'announce') void announce()
    if (what === 'drain') process.exit(7)
    return what === 'health' ? '{"ok":true}' : what === 'holding' ? '{"positions":[]}' : ''
  }
  const sloppyControl = (what: string) => (what === 'health' ? 'fine, thank you' : what === 'ping' ? '' : undefined)

  const route = (message: Msg) => {
    const { path } = message.json<{ path: string }>()
    const body = Buffer.from(`counted: ${count}`).toString('base64')
    return JSON.stringify({ status: path === '/broken' ? 500 : 200, headers: {}, body })
  }

  connection.subscribe(`${mine}>`, {
    callback: (_, message) => {
      const answer = reply(message).then((text) => void (text === undefined ? undefined : message.respond(text)))
      // What nobody catches ends the process: that is what a fragile one does.
      if (isSloppy) answer.catch(() => {})
    },
  })
  if (isSloppy) connection.subscribe(`rq.${site}.mod.somebody-else.>`, { callback: () => {} })
  if (isSloppy)
    connection.subscribe(`$SRV.PING.${manifest.name}.${instance}`, {
      callback: (_, message) => void message.respond(JSON.stringify(asSomebodyElse)),
    })
  await announce().catch((error: unknown) => {
    if (!isSloppy) throw error
  })
}
