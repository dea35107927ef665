import { CommandResult, type ErrandReply, parse } from '@recyclique/contracts'
import { type Case, Fault } from '../case.ts'
import { isAnswering, readAs } from '../checks.ts'
import { type Errand, errandCallOf, errandsOf, mustReply, spelled } from '../errands.ts'
import { atRest, viewOf } from '../inside-view.ts'
import type { Wish } from '../sample.ts'
import type { Player, Stage } from '../stage.ts'

const hasNone = ({ manifest }: Stage): string | undefined =>
  errandsOf(manifest).length > 0 ? undefined : 'it has no commands, tools or jobs of its own'

const ofVerb = (stage: Stage, verb: Errand['verb']) => errandsOf(stage.manifest).filter((one) => one.verb === verb)

const does = (verb: Errand['verb'], words: string, mustFit: (errand: Errand, reply: ErrandReply) => void): Case => ({
  name: `${verb}s`,
  words,
  applies: (stage) => (ofVerb(stage, verb).length > 0 ? undefined : `it has no ${verb}s of its own`),
  async play(stage) {
    const player = await stage.atWork()
    const shown: string[] = []
    for (const errand of ofVerb(stage, verb)) {
      const replies = new Set<string>()
      for (const is of verb === 'job' ? (['full'] as const) : (['full', 'plain'] as const)) {
        const reply = await done(stage, player, errand, is)
        mustFit(errand, reply)
        replies.add('v' in reply ? 'done' : `an error (${reply.error.code})`)
      }
      shown.push(`${errand.name}: ${[...replies].join(', ')}`)
    }
    return shown.join('; ')
  },
})

const done = async (stage: Stage, player: Player, errand: Errand, is: Wish['is']): Promise<ErrandReply> => {
  const call = errandCallOf(stage, errand, is)
  return mustReply(stage, player, await player.asking.errand({ ...errand, call }, stage.timeoutMs), spelled(errand))
}

const NO_DEMAND = () => {}

export const runsCommands = does('command', 'runs each of its commands, and answers with text', ({ name }, reply) => {
  if ('error' in reply) return
  const todo = 'The value is the text for the person who typed the command: { "v": "…" }, or { "v": { text, files } }.'
  readAs(() => parse(CommandResult, reply.v, `what command ${name} gave`), JSON.stringify(reply.v), todo)
})
export const usesTools = does('tool', 'answers each of its tools', NO_DEMAND)
export const runsJobs = does('job', 'runs each of its jobs, and says when it is done', NO_DEMAND)

export const runsJobsAgain: Case = {
  name: 'jobs-again',
  words: 'answers a run that comes a second time, and it tells nothing twice',
  applies: (stage) => (ofVerb(stage, 'job').length > 0 ? undefined : 'it has no jobs'),
  async play(stage) {
    const player = await stage.atWork()
    let isSeen = false
    for (const errand of ofVerb(stage, 'job')) {
      const call = errandCallOf(stage, errand, 'full')
      const run = async () =>
        mustReply(stage, player, await player.asking.errand({ ...errand, call }, stage.timeoutMs), spelled(errand))
      const first = await run()
      await atRest(stage)
      const before = await viewOf(stage, player)
      const isSteady = before !== undefined && before === (await viewOf(stage, player))
      const told = stage.facts.told()
      const again = await run()
      if ('v' in first && 'error' in again)
        throw new Fault(
          `job ${errand.name}: the first run went well, and the same run again ended with ${again.error.code}: ${again.error.message.slice(0, 200)}`,
          'The end of the first run may not have been seen: what was done already is answered as done.',
        )
      if (stage.facts.told() > told)
        throw new Fault(
          `job ${errand.name}: the same run again made it tell ${stage.facts.told() - told} more facts`,
          'Make the key of a tell from the job’s id and dueAt: the same key is the same fact.',
        )
      if (isSteady && (await viewOf(stage, player)) !== before)
        throw new Fault(
          `job ${errand.name}: the same run again changed what it says`,
          'Keep id and dueAt of the last run with its effect, and leave a run out that is there already.',
        )
      isSeen ||= isSteady
    }
    return isSeen ? 'its routes and answers stayed the same' : undefined
  },
}

export const sparesUnknownFields: Case = {
  name: 'errands-unknown-fields',
  words: 'does what it is told as well when there are fields that it does not know',
  applies: hasNone,
  async play(stage) {
    const player = await stage.atWork()
    for (const errand of errandsOf(stage.manifest)) {
      const plain = await done(stage, player, errand, 'full')
      const call = errandCallOf(stage, errand, 'full')
      const more = { aLaterField: { nested: [1] } }
      const back = await player.asking.errand({ ...errand, call, more }, stage.timeoutMs)
      const reply = mustReply(stage, player, back, spelled(errand))
      if ('v' in plain && 'error' in reply && reply.error.kind === 'invalid')
        throw new Fault(
          `${spelled(errand)}: with a field more it answered ${reply.error.code}: ${reply.error.message.slice(0, 200)}`,
          'Pass over fields that you do not know: a later kernel may send them.',
        )
    }
  },
}

export const refusesMalformed: Case = {
  name: 'errands-malformed',
  words: "answers what is no command, tool or job with an error of kind 'invalid'",
  applies: hasNone,
  async play(stage) {
    const player = await stage.atWork()
    const [errand] = errandsOf(stage.manifest) as [Errand]
    for (const text of ['no JSON', '[]', '{}', '{"args":{},"deadline":"soon"}']) {
      const back = await player.asking.raw(errand.verb, errand.name, text, stage.timeoutMs)
      mustBeInvalid(mustReply(stage, player, back, spelled(errand)), text)
    }
    await done(stage, player, errand, 'full')
  },
}

export const refusesUnknown: Case = {
  name: 'errands-unknown',
  words: "answers a command, tool or job that it has not with an error of kind 'invalid'",
  applies: hasNone,
  async play(stage) {
    const player = await stage.atWork()
    for (const verb of new Set(errandsOf(stage.manifest).map((one) => one.verb))) {
      const unknown: Errand = { verb, name: 'no-such-thing', input: { type: 'object' }, timeoutMs: undefined }
      mustBeInvalid(await done(stage, player, unknown, 'full'), spelled(unknown))
    }
  },
}

const mustBeInvalid = (reply: ErrandReply, asked: string): void => {
  if ('error' in reply && reply.error.kind === 'invalid') return
  throw new Fault(
    `it answered ${JSON.stringify(reply).slice(0, 120)} to ${asked}`,
    'Reply { "error": { "kind": "invalid", "code": …, "message": … } }.',
  )
}

export const outlivesDeadline: Case = {
  name: 'errands-too-late',
  words: 'is not troubled by a command, tool or job whose deadline has passed',
  applies: hasNone,
  async play(stage) {
    const player = await stage.atWork()
    const [errand] = errandsOf(stage.manifest) as [Errand]
    const call = { ...errandCallOf(stage, errand, 'full'), deadline: Date.now() - 60_000 }
    const back = await player.asking.errand({ ...errand, call }, Math.min(500, stage.timeoutMs))
    await isAnswering(stage, player)
    await done(stage, player, errand, 'full')
    return back === 'silence' ? 'it kept silent' : 'it answered all the same'
  },
}
