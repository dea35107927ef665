import { connect } from '@nats-io/transport-node'
import { type HookDocument, type HookSpec, hookFrom, type Manifest } from '@recyclique/contracts'
import { type Asking, defineModule, type Module, type RunningModule, startModule } from '@recyclique/sdk'
import { pino } from 'pino'
import type { Args, Call, Proceed, Question } from '../../../kernel/hooks/step.ts'
import { type Playing, perform, type Stage } from '../behaviours.ts'

/**
 * A process that plays modules: told over the bus which, it runs each with the SDK, as it would run alone. It lives as long as its
 * standard input.
 */
export interface Part {
  readonly site: string
  readonly instance: string
  readonly manifest: Manifest
  readonly specs: readonly HookDocument[]
  readonly plays: readonly {
    readonly hook: string
    readonly handler: string
    readonly isWrapper: boolean
    readonly playing: Playing
  }[]
}

export type Order =
  | { readonly do: 'start'; readonly part: Part }
  | { readonly do: 'stop' | 'dismiss'; readonly site: string; readonly instance: string }
  | { readonly do: 'sync' }

const [url = '', name = ''] = process.argv.slice(2)
const connection = await connect({ servers: url, name: `player-${name}` })
const running = new Map<string, RunningModule>()
let busy = 0
const log = pino({ level: process.env.LOG_LEVEL || 'silent' })

const keyOf = ({ site, instance }: { site: string; instance: string }) => `${site}/${instance}`

/** A question as a behaviour sees it, with the SDK's own face behind it. */
type Seen = Question & { readonly asking: Asking }

const stageOf = ({ site, instance, manifest }: Part, specs: ReadonlyMap<string, HookSpec>): Stage => ({
  module: manifest.name,
  instance,
  log(what, seen) {
    busy += 1
    const entry = seen === undefined ? [manifest.name, what] : [manifest.name, what, seen]
    connection.publish(`stage.${site}.log`, JSON.stringify({ instance, entry }))
  },
  // Time belongs to the test: it rings when its clock has come so far.
  async sleep(ms) {
    await connection.request(`stage.${site}.sleep`, String(ms), { timeout: 60_000 })
  },
  async ask(hook, args, within) {
    await connection.flush()
    return (within as Seen).asking.ask(specs.get(hook) as never, args as never)
  },
  die() {
    process.kill(process.pid, 'SIGKILL')
    return new Promise(() => {})
  },
})

const moduleFor = (part: Part): Module => {
  const specs = new Map(part.specs.map((document) => [document.name, hookFrom(document)]))
  const stage = stageOf(part, specs)
  return part.plays.reduce((built, { hook, handler, isWrapper, playing }) => {
    const spec = specs.get(hook) as HookSpec
    const play = played(perform(playing, stage))
    return isWrapper
      ? built.wrap(spec, play as never, { handler })
      : built.answer(spec, ((args: Args, asking: Asking) => play(args, noWay, asking)) as never, { handler })
  }, defineModule(part.manifest))
}

/** What was logged arrives before anything that is said afterwards: two connections keep no order between them. */
const played =
  (call: Call) =>
  async (args: Args, proceed: Proceed, asking: Asking): Promise<unknown> => {
    busy += 1
    const { callId, parentId, depth, deadline, trace } = asking
    const question = { args, callId, parentId, depth, deadline, trace, asking } as unknown as Seen
    try {
      return await call(question, async () => {
        await connection.flush()
        return proceed()
      })
    } finally {
      busy += 1
      await connection.flush()
    }
  }

const noWay = () => Promise.reject(new Error('only a wrapper proceeds'))

const obey = async (order: Order): Promise<unknown> => {
  if (order.do === 'start') {
    const { part } = order
    const settings = { servers: [url], site: part.site, instance: part.instance }
    const one = startModule({ module: moduleFor(part), settings, log })
    running.set(keyOf(part), one)
    void one.ended.then(() => running.delete(keyOf(part)))
    return {}
  }
  if (order.do === 'stop') return running.get(keyOf(order))?.stop()
  if (order.do === 'dismiss') {
    // Not waited for: some of them never come to an end with what they have in hand.
    void running.get(keyOf(order))?.stop()
    return {}
  }
  for (let nth = 0; nth < 3; nth += 1) await new Promise((resolve) => setImmediate(resolve))
  await connection.flush()
  return { busy }
}

connection.subscribe(`player.${name}`, {
  callback: (error, message) => {
    if (error) return
    void obey(message.json<Order>()).then(
      (answer) => message.respond(JSON.stringify(answer ?? {})),
      (failure: Error) => message.respond(JSON.stringify({ failed: failure.stack })),
    )
  },
})
await connection.flush()
process.stdin.on('end', () => process.exit(0)).resume()
process.stdout.write('ready\n')
