import { setTimeout as wait } from 'node:timers/promises'
import { type HookSpec, subjectsOf } from '@recyclique/contracts'
import { SITE } from '../bus.ts'
import { type Case, Fault } from '../case.ts'
import { isAnswering } from '../checks.ts'
import { ask, callOf, mustAnswer, mustFit, readReply } from '../questions.ts'
import { sampleOf } from '../sample.ts'
import type { Player, Stage } from '../stage.ts'
import { type Line, wrappersOf, wrapsNone } from '../story.ts'

export const proceedsOnce: Case = {
  name: 'wrappers',
  words: 'proceeds exactly once, and answers with what its hook gives',
  applies: wrapsNone,
  async play(stage) {
    const player = await stage.atWork()
    for (const line of wrappersOf(stage.manifest)) {
      stage.kernel.proceedWith(async () => ({ v: resultOf(line.spec, stage.nextNth()) }))
      const { reply, proceeds } = await wrapped(stage, player, line)
      const { name, shortCircuit } = line.spec
      if (proceeds > 1)
        throw new Fault(
          `${name}: it proceeded ${proceeds} times`,
          'One request to the subject in proceed, and no other.',
        )
      if (proceeds === 0 && !shortCircuit && !('error' in reply))
        throw new Fault(
          `${name}: it answered without proceeding`,
          'Send an empty request to the subject in proceed, once.',
        )
      if ('same' in reply && proceeds === 0)
        throw new Fault(`${name}: it says "same" and did not proceed`, '"same" is what proceed gave.')
    }
  },
}

export const passesErrors: Case = {
  name: 'wrappers-error',
  words: 'goes on well when what it wraps ends with an error',
  applies: wrapsNone,
  async play(stage) {
    const player = await stage.atWork()
    const how: string[] = []
    for (const line of wrappersOf(stage.manifest)) {
      stage.kernel.proceedWith(async () => ({
        error: {
          kind: 'denied',
          code: 'drawer-open',
          message: 'the drawer is open',
          causes: [{ name: 'Error', message: 'x' }],
        },
      }))
      const { reply } = await wrapped(stage, player, line)
      const isOwn = 'error' in reply && reply.error.code !== 'drawer-open'
      if (isOwn)
        throw new Fault(
          `${line.spec.name}: an error with the code drawer-open went in, and ${reply.error.code} came out`,
          'Let it through: reply { "same": true }, or the same error with its code.',
        )
      how.push(
        'same' in reply
          ? 'it lets the error through'
          : 'error' in reply
            ? 'it hands the error on'
            : 'it answers in its place',
      )
    }
    return [...new Set(how)].join(', ')
  },
}

export const outlivesLostProceed: Case = {
  name: 'wrappers-silence',
  words: 'goes on well when its proceed is never answered',
  applies: wrapsNone,
  async play(stage) {
    const player = await stage.atWork()
    const [line] = wrappersOf(stage.manifest) as [Line]
    stage.kernel.proceedWith(async () => undefined)
    const call = { ...callOf(stage, line, 'full'), deadline: Date.now() + SHORT_MS, proceed: wayOn(stage) }
    await player.asking.hook({ call }, SHORT_MS)
    stage.kernel.proceedWith(async () => ({ v: resultOf(line.spec, stage.nextNth()) }))
    await wrapped(stage, player, line)
    await isAnswering(stage, player)
  },
}

const SHORT_MS = 250

export const finishesWrapper: Case = {
  name: 'wrappers-drain',
  words: 'finishes a wrapper that is under way when it is asked to end',
  applies: wrapsNone,
  async play(stage) {
    const player = await stage.atWork()
    const [line] = wrappersOf(stage.manifest) as [Line]
    const from = stage.kernel.said.length
    let hasProceeded = false
    stage.kernel.proceedWith(async () => {
      hasProceeded = true
      stage.letEnd(player)
      player.process.signal('SIGTERM')
      await stage.kernel.next('bye', { from, withinMs: stage.timeoutMs })
      player.asking.say('drain')
      await wait(SHORT_MS)
      return { v: resultOf(line.spec, stage.nextNth()) }
    })
    const back = await ask(stage, player, { ...callOf(stage, line, 'full'), proceed: wayOn(stage) })
    if (!hasProceeded) throw new Fault('it did not proceed', 'See the case wrappers.')
    if (typeof back === 'string')
      throw new Fault(
        'it was told to end while it waited for proceed, and never answered',
        'Finish what is under way before you close the connection; do not let the client drain first.',
      )
    await stage.news.until(() => player.process.end, stage.timeoutMs)
    await stage.clear()
  },
}

/** One wrapped call, its answer checked, and how often it proceeded. */
const wrapped = async (stage: Stage, player: Player, line: Line) => {
  const proceed = wayOn(stage)
  const back = await ask(stage, player, { ...callOf(stage, line, 'full'), proceed })
  const { text } = mustAnswer(stage, player, back, line.spec.name)
  const proceeds = stage.kernel.said.filter((one) => one.verb === 'proceed' && proceed.endsWith(one.name)).length
  const reply = readReply(text)
  if (!('error' in reply)) await mustFit(stage, player, line, text)
  return { reply, proceeds }
}

const wayOn = (stage: Stage): string =>
  subjectsOf(SITE).proceed(stage.manifest.name, 'k-conform', `w-${stage.nextNth()}.1`)

const resultOf = ({ mode, answer, args, outcome }: HookSpec, nth: number): unknown => {
  const sample = (schema: object) => sampleOf(schema, { is: 'full', nth })
  if (outcome) return sample(outcome)
  if (mode === 'pipeline') return sample(args)
  return mode === 'collect' ? [sample(answer)] : sample(answer)
}
