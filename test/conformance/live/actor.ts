// Modules of the tests in a process of their own, run by the SDK as it runs every other: one as `runModule` does it, or several
// beside each other. What they are stands in the environment, what they shall do instead comes on the standard input.
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { type Health, HOOKS, type HookSpec, hookFrom } from '@recyclique/contracts'
import { type Asking, defineModule, HookFailure, type Module, runModule, startModule } from '@recyclique/sdk'
import { pino } from 'pino'
import type { Cue, Did, Part, Play } from './part.ts'

/** One handler of a part, and the hooks that its module knows. */
interface Role {
  readonly part: Part
  readonly handler: string
  readonly specOf: (hook: string) => HookSpec
}

type Args = Did['args']

const cues = new Map<string, Play>()
let health: Health | undefined

const moduleFor = (part: Part): Module => {
  const { manifest, knows = [] } = part
  const specs = [...HOOKS, ...[...(manifest.specs ?? []), ...knows].map(hookFrom)] as HookSpec[]
  const specOf = (hook: string) => specs.find(({ name }) => name === hook) as HookSpec
  const bare = defineModule(manifest).health(() => health ?? part.health ?? { ok: true })
  return (manifest.answers ?? []).reduce((built, { hook, handler = hook, isWrapper }) => {
    const role = { part, handler, specOf }
    return isWrapper
      ? built.wrap(specOf(hook), wrap(role) as never, { handler })
      : built.answer(specOf(hook), answer(role) as never, { handler })
  }, bare)
}

const answer =
  (role: Role) =>
  (args: Args, asking: Asking): Promise<unknown> => {
    say(role, 'began', { args, asking })
    return play(role, cues.get(role.handler) ?? (role.part.plays[role.handler] as Play), asking)
  }

const wrap = (role: Role) => async (args: Args, proceed: () => Promise<unknown>, asking: Asking) => {
  say(role, 'began', { args, asking })
  try {
    const result = await proceed()
    say(role, 'came back', { args, asking })
    return result
  } catch (error) {
    say(role, 'came back', { args, asking, kind: error instanceof HookFailure ? error.kind : 'unknown' })
    throw error
  }
}

const say = (
  { part: { manifest, instance }, handler }: Role,
  did: Did['did'],
  { args, asking: { callId }, kind }: { args: Args; asking: Asking; kind?: string },
): void => {
  const { name: module, version } = manifest
  const line: Did = { did, module, version, instance, handler, callId, args, ...(kind ? { kind } : {}) }
  console.log(JSON.stringify(line))
}

const play = async ({ part, specOf }: Role, doing: Play, asking: Asking): Promise<unknown> => {
  if ('afterMs' in doing) await wait(doing.afterMs)
  if (doing.does === 'answer') return doing.value
  if (doing.does === 'sign') return { version: part.manifest.version, instance: part.instance, pid: process.pid }
  if (doing.does === 'rely') return asking.ask(specOf(doing.hook), doing.args as never)
  if (doing.does === 'ask') return outcomeOf(asking.ask(specOf(doing.hook), doing.args as never))
  return new Promise(() => {})
}

const outcomeOf = (asked: Promise<unknown>): Promise<unknown> =>
  asked.then(
    (gave) => ({ gave }),
    ({ kind, code }: HookFailure) => ({ kind, code }),
  )

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const cue = JSON.parse(line) as Cue
    if (cue.handler && cue.play) cues.set(cue.handler, cue.play)
    if (cue.health) health = cue.health
    console.log(JSON.stringify({ heard: cue }))
  })
  // Whoever started us is gone.
  .on('close', () => process.exit(0))

const parts = JSON.parse(process.env.PARTS ?? '[]') as Part[]
const [only, ...others] = parts
if (only && others.length === 0) await runModule(moduleFor(only))
const log = pino({ level: 'warn' })
for (const part of parts) {
  const creds = readFileSync(`${process.env.CREDS_FOLDER}/${part.manifest.name}.creds`, 'utf8')
  const settings = { servers: [process.env.NATS_URL ?? ''], site: 'essai', instance: part.instance, creds }
  startModule({ module: moduleFor(part), settings, log })
}
