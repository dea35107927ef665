import { setTimeout as wait } from 'node:timers/promises'
import { type Case, Fault } from '../case.ts'
import { isAnswering } from '../checks.ts'
import type { Player, Stage } from '../stage.ts'
import { hearsNone, toldSample } from '../story.ts'

/** How long a fact lies there before we believe that nobody takes it. */
const LEFT_ALONE_MS = 700

const WAITING = {
  waiting: 'It waits for the module that it needs.',
  blocked: 'An operator blocked it.',
  disabled: 'An operator disabled it.',
} as const

const waitsWhen = (state: keyof typeof WAITING): Case => ({
  name: state,
  words: `lives on when it is ${state}, asks again, and works once it is let in`,
  async play(stage) {
    const player = await stage.fresh({ state, reasons: [WAITING[state]] })
    await stage.announced(player)
    await mustAskAgain(stage, player, 'by itself', () => {})
    stage.kernel.answerWith({ state: 'admitted' })
    await mustAskAgain(stage, player, 'at once on control.announce', () => player.asking.say('announce'))
    await mustBeat(stage, player)
    await isAnswering(stage, player)
  },
})

export const waits = waitsWhen('waiting')
export const waitsBlocked = waitsWhen('blocked')

/** The operator's word may come while it works. */
export const stopsHearing: Case = {
  name: 'blocked-at-work',
  words: 'takes no fact while it is disabled, and takes it afterwards',
  applies: hearsNone,
  async play(stage) {
    const player = await stage.atWork()
    await mustAskAgain(stage, player, 'on control.announce', () => player.asking.say('announce'))
    stage.kernel.answerWith({ state: 'disabled', reasons: [WAITING.disabled] })
    try {
      await mustAskAgain(stage, player, 'on control.announce', () => player.asking.say('announce'))
      // Its pull has to be taken back first: nothing on the wire says that it was.
      await wait(LEFT_ALONE_MS / 2)
      const { position } = await toldSample(stage)
      await wait(LEFT_ALONE_MS)
      if (stage.facts.acks.some((ack) => ack.position === position && ack.is === 'ack'))
        throw new Fault(
          'it took a fact after the kernel had answered disabled',
          'Stop pulling when the answer to an announce is waiting, blocked or disabled.',
        )
      stage.kernel.answerWith({ state: 'admitted' })
      player.asking.say('announce')
      const taken = () => stage.facts.acks.some((ack) => ack.position === position && ack.is === 'ack')
      if (!(await stage.news.until(taken, stage.timeoutMs)))
        throw new Fault(
          'the fact that waited was not taken after it was let in again',
          'Pull again when the answer is admitted.',
        )
    } finally {
      stage.kernel.answerWith({ state: 'admitted' })
    }
  },
}

export const obeysRejection: Case = {
  name: 'rejected',
  words: 'ends with an error, or keeps quiet, when it is rejected',
  async play(stage) {
    const player = await stage.fresh({ state: 'rejected', reasons: ['It needs kernel ^9; this one is 0.1.0.'] })
    await stage.announced(player)
    stage.letEnd(player)
    const from = stage.kernel.said.length
    await stage.news.until(() => player.process.end, Math.min(3_000, stage.timeoutMs))
    const { end } = player.process
    if (end?.code === 0)
      throw new Fault(
        'it ended with code 0, as if all were well: it would be started again and again',
        'End with 65: a new start changes nothing.',
      )
    const more = stage.kernel.said.slice(from).filter(({ verb }) => verb === 'announce').length
    if (more > MOST_AFTER_REJECTION)
      throw new Fault(
        `it announced itself ${more} times more after it was rejected`,
        'Waiting does not help: show the reasons, and end with 65.',
      )
    return end ? `it ${end.words}` : 'it lives on and asks seldom'
  },
}

const MOST_AFTER_REJECTION = 5

const mustAskAgain = async (stage: Stage, { process }: Player, how: string, act: () => void): Promise<void> => {
  const from = stage.kernel.said.length
  act()
  const again = await stage.news.until(
    () => stage.kernel.said.slice(from).find(({ verb }) => verb === 'announce') ?? (process.end && 'ended'),
    stage.timeoutMs,
  )
  if (again === 'ended')
    throw new Fault(`it ${process.end?.words}`, 'Waiting is no error: live on, and announce again a little later.')
  if (!again)
    throw new Fault(
      `it did not announce itself again ${how} within ${stage.timeoutMs / 1000} s`,
      'Announce again a little later (after 5 s at most), and at once on control.announce.',
    )
}

const mustBeat = async (stage: Stage, { process }: Player): Promise<void> => {
  const beat = await stage.kernel.next('heartbeat', { from: stage.kernel.said.length, withinMs: stage.timeoutMs })
  if (!beat && !process.end)
    throw new Fault('no heartbeat came after it was let in', 'Begin to beat when the answer is admitted.')
}
