import { type Case, Fault } from '../case.ts'
import type { Said } from '../kernel/played-kernel.ts'
import { callOf } from '../questions.ts'
import { lastWords, type Player, type Stage } from '../stage.ts'
import { answersOf } from '../story.ts'

/** Container engines kill after that. */
const GONE_WITHIN_MS = 10_000

export const drains: Case = {
  name: 'drain',
  words: 'ends in order on control.drain: bye draining, bye gone, exit code 0',
  async play(stage) {
    const player = await stage.atWork()
    const from = stage.kernel.said.length
    stage.letEnd(player)
    player.asking.say('drain')
    await mustSay(stage, player, from, 'draining')
    return leftInOrder(stage, player, from)
  },
}

export const endsOnTerm: Case = {
  name: 'sigterm',
  words: 'on SIGTERM says bye, answers on until control.drain, and ends with exit code 0',
  async play(stage) {
    for (let tries = 1; ; tries += 1) {
      const player = await stage.atWork()
      const from = stage.kernel.said.length
      // The answer to its announce may not have reached it yet: it beats once it has, and nobody lets go who was never in.
      await stage.kernel.next('heartbeat', { from, withinMs: BEAT_WITHIN_MS })
      stage.letEnd(player)
      player.process.signal('SIGTERM')
      await mustSay(stage, player, from, 'draining')
      const fault = await stillAnswers(stage, player)
      player.asking.say('drain')
      if (!fault) return leftInOrder(stage, player, from)
      if (tries === MOST_TRIES) throw fault
      await stage.clear()
    }
  },
}

/** Beats come every two seconds. */
const BEAT_WITHIN_MS = 2_500

/** It need not wait for longer than half a second: on a busy machine our question may come too late. */
const MOST_TRIES = 5

export const endsAlone: Case = {
  name: 'sigterm-alone',
  words: 'ends on SIGTERM although no kernel answers its bye',
  async play(stage) {
    const player = await stage.atWork()
    const from = stage.kernel.said.length
    stage.letEnd(player)
    player.process.signal('SIGTERM')
    return leftInOrder(stage, player, from)
  },
}

export const endsWithoutBus: Case = {
  name: 'sigterm-no-bus',
  words: 'ends on SIGTERM while the bus is away',
  async play(stage) {
    const player = await stage.atWork()
    await stage.bus.stop()
    try {
      stage.letEnd(player)
      const began = performance.now()
      player.process.signal('SIGTERM')
      await mustEnd(stage, player)
      return `after ${Math.round(performance.now() - began)} ms`
    } finally {
      await stage.bus.start()
    }
  },
}

const LAST_WORD_MS = 300

const mustSay = async (stage: Stage, { process }: Player, from: number, phase: 'draining' | 'gone'): Promise<Said> => {
  const isIt = ({ body }: Said) => body.phase === phase
  const find = () => stage.kernel.said.slice(from).find((one) => one.verb === 'bye' && isIt(one))
  await stage.news.until(() => find() ?? process.end, stage.timeoutMs)
  // Its last word may come behind the news of its end.
  const said = await stage.kernel.next('bye', { from, withinMs: LAST_WORD_MS, fits: isIt })
  if (said) return said
  throw new Fault(
    `it did not say bye with phase ${phase}${process.end ? ` before it ${process.end.words}` : ''}`,
    'Publish bye with { instance, phase: "draining" } first, and with "gone" when all is finished; flush before you close.',
  )
}

const stillAnswers = async (stage: Stage, player: Player): Promise<Fault | undefined> => {
  const [line] = answersOf(stage.manifest)
  const withinMs = Math.min(1_000, stage.timeoutMs)
  const back = line
    ? await player.asking.hook({ call: callOf(stage, line, 'full') }, withinMs)
    : await player.asking.control('ping', withinMs)
  if (typeof back !== 'string') return undefined
  return new Fault(
    `it did not answer ${line ? line.spec.name : 'a ping'} any more once it had said that it drains`,
    'Answer on until control.drain comes, half a second at most: a question may be on its way.',
  )
}

const leftInOrder = async (stage: Stage, player: Player, from: number): Promise<string> => {
  const began = performance.now()
  await mustEnd(stage, player)
  await mustSay(stage, player, from, 'draining')
  await mustSay(stage, player, from, 'gone')
  return `after ${Math.round((player.process.end?.at ?? 0) - began)} ms`
}

const mustEnd = async (stage: Stage, { process }: Player): Promise<void> => {
  const end = await stage.news.until(() => process.end, Math.min(GONE_WITHIN_MS, stage.timeoutMs * 2))
  await stage.clear()
  if (!end)
    throw new Fault(
      `it still ran ${Math.min(GONE_WITHIN_MS, stage.timeoutMs * 2) / 1000} s later`,
      'End by yourself: container engines kill after 10 s.',
    )
  if (end.code !== 0)
    throw new Fault(
      `it ${end.words}${lastWords(process)}`,
      'Handle SIGTERM, and end with exit code 0: it was asked to.',
    )
}
