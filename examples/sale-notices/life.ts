import { createHash } from 'node:crypto'
import { connect, credsAuthenticator, type Msg, type NatsConnection } from '@nats-io/transport-node'
import { openAsked } from './asked.ts'
import { type Ear, openEar } from './ear.ts'
import manifest from './manifest.json' with { type: 'json' }
import type { Config } from './notices.ts'
import type { Kept, WhatIsSet } from './what-is-set.ts'

/** The life of the process on the bus, with the ordinary client. Each step stands in docs/protocol.md, "Being a module". */

export interface Settings {
  readonly servers: string[]
  readonly site: string
  readonly creds: Uint8Array
  readonly instance: string
  readonly set: WhatIsSet
}

/** What everything here needs. */
export interface Around {
  readonly connection: NatsConnection
  readonly instance: string
  /** What is in force at this moment. */
  readonly config: Config
  /** The kernel's subject for a verb of ours. */
  readonly toKernel: (verb: string) => string
}

interface Announced {
  readonly state?: string
  readonly reasons?: string[]
  readonly heartbeatMs: number
  readonly hearing?: { readonly stream: string; readonly durable: string }
  readonly config?: Kept
}

const DONE = 0
const REJECTED = 65
const LET_GO_WITHIN_MS = 500

/** Ends with the exit code. */
export const runOnBus = async ({ servers, site, creds, instance, set }: Settings): Promise<number> => {
  const { name } = manifest
  const stop = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => stop.abort())
  const connection = await connect({
    ...{ servers, name: instance, inboxPrefix: `_INBOX.${name}`, authenticator: credsAuthenticator(creds) },
    ...{ maxReconnectAttempts: -1, reconnectTimeWait: 250, waitOnFirstConnect: true, ignoreAuthErrorAbort: true },
  })
  const toKernel = (verb: string) => `rq.${site}.kernel.${name}.${verb}`
  const around: Around = {
    ...{ connection, instance, toKernel },
    get config() {
      return set.config
    },
  }
  const startedAt = new Date().toISOString()
  const letGo = Promise.withResolvers<void>()
  let bell = Promise.withResolvers<void>()
  const ring = () => bell.resolve()
  let position = 0
  let ear: Ear | undefined
  let pulse: NodeJS.Timeout | undefined

  const control = (what: string, text: string): string | undefined => {
    if (what === 'announce') ring()
    else if (what === 'drain') {
      letGo.resolve()
      stop.abort()
    } else if (what === 'health') return JSON.stringify({ ok: true })
    else if (what === 'holding') return JSON.stringify({ positions: ear?.holding() ?? [] })
    else if (what === 'config') return JSON.stringify(taken(set, text))
    else if (what !== 'ping') return undefined
    return ''
  }
  // Before the first announce: one subscription hears all that the kernel asks of this process.
  const asked = openAsked(around, `rq.${site}.mod.${name}.${instance}.`, { control })
  void (async () => {
    for await (const { type } of connection.status()) if (type === 'reconnect') ring()
  })()

  const announce = async (): Promise<Announced | undefined> => {
    const text = JSON.stringify(manifest)
    const manifestHash = createHash('sha256').update(text).digest('hex')
    try {
      const { turns, shown, refused } = set
      const now = { config: shown, ...(refused === undefined ? {} : { configRefused: refused }) }
      const said = JSON.stringify({ manifest, manifestHash, instance, pid: process.pid, startedAt, ...now })
      const reply: Msg = await connection.request(toKernel('announce'), said, { timeout: 5_000 })
      const answer = reply.json<Announced>()
      log('announced', { state: answer.state, reasons: answer.reasons })
      // What was set meanwhile is newer than what stands in the answer.
      if (answer.state !== 'rejected' && set.turns === turns) set.take(answer.config)
      return answer
    } catch (error) {
      // Nobody there yet, the bus away, an answer that makes no sense: again a little later.
      log('no answer to the announce; asking on', { reason: String(error) })
      return undefined
    }
  }

  const begin = ({ heartbeatMs, hearing }: Announced) => {
    clearInterval(pulse)
    const beat = () =>
      connection.publish(toKernel('heartbeat'), JSON.stringify({ instance, inFlight: asked.count(), position }))
    pulse = setInterval(beat, heartbeatMs)
    beat()
    if (!hearing || ear) return
    const opened = openEar(around, hearing, (taken) => {
      position = Math.max(position, taken)
    })
    ear = opened
    void opened.ended.then(() => {
      if (ear === opened) ear = undefined
      ring()
    })
  }

  let waitMs = 100
  while (!stop.signal.aborted) {
    bell = Promise.withResolvers<void>()
    const answer = await announce()
    if (answer?.state === 'rejected') {
      console.error(['The kernel rejects sale-notices:', ...(answer.reasons ?? [])].join('\n- '))
      await leave({ around, letGo: undefined, finish: () => asked.close() })
      return REJECTED
    }
    const isIn = answer?.state === 'admitted' || answer?.state === 'replaying'
    if (answer && isIn) begin(answer)
    else await ear?.close()
    waitMs = isIn ? 100 : Math.min(waitMs * 2, 5_000)
    await Promise.race([bell.promise, aborted(stop.signal), ...(isIn ? [] : [sleep(waitMs)])])
  }
  const finish = async () => {
    await Promise.all([ear?.close(), asked.close()])
    clearInterval(pulse)
  }
  await leave({ around, letGo: pulse ? letGo.promise : undefined, finish })
  return DONE
}

/** What the operator sets while this runs: taken, or why not. */
const taken = (set: WhatIsSet, text: string): object => {
  try {
    const kept = JSON.parse(text) as Kept | null
    if (typeof kept?.values !== 'object') throw new TypeError('values are wanted')
    const words = set.take(kept)
    return { ok: words === undefined, ...(words === undefined ? {} : { words }), config: set.shown }
  } catch (error) {
    return { ok: false, words: `this is nothing that can be set: ${(error as Error).message}` }
  }
}

type Leave = { around: Around; letGo: Promise<void> | undefined; finish: () => Promise<void> }

/** Bye, answer on until the kernel lets go, finish what is in hand, bye, close. Bounded: the bus may be away. */
const leave = async ({ around: { connection, toKernel, instance }, letGo, finish }: Leave): Promise<void> => {
  const bye = async (phase: string) => {
    connection.publish(toKernel('bye'), JSON.stringify({ instance, phase }))
    await Promise.race([connection.flush().catch(() => {}), sleep(500)])
  }
  await bye('draining')
  if (letGo) await Promise.race([letGo, sleep(LET_GO_WITHIN_MS)])
  await Promise.race([finish(), sleep(5_000)])
  await bye('gone')
  await connection.close()
}

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })

export const log = (event: string, details: object = {}): void =>
  console.log(JSON.stringify({ name: manifest.name, event, ...details }))
