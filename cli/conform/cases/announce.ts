import { isDeepStrictEqual } from 'node:util'
import type { Announce } from '@recyclique/contracts'
import { type Case, Fault } from '../case.ts'
import type { Said } from '../kernel/played-kernel.ts'
import type { Player, Stage } from '../stage.ts'

export const announces: Case = {
  name: 'announce',
  words: 'announces itself, in the form that the protocol wants',
  async play(stage) {
    const player = await stage.atWork()
    const said = await stage.announced(player)
    if (said.flaw !== undefined)
      throw new Fault(`its announce is not of the right form: ${said.flaw}`, 'docs/schemas/announce.json has the form.')
    const { manifest, instance } = bodyOf(said)
    if (!isDeepStrictEqual(manifest, stage.manifest))
      throw new Fault(
        'the manifest that it announces is not the one in its manifest.json',
        'Send the file as it is: the kernel, the operator and this command read the same one.',
      )
    if (instance !== player.process.instance)
      throw new Fault(
        `it calls itself '${instance}', and was given RECYCLIQUE_INSTANCE=${player.process.instance}`,
        'Where RECYCLIQUE_INSTANCE is set, that is its name.',
      )
    return `after ${Math.round(said.at - player.startedAt)} ms`
  },
}

export const namesItsConnection: Case = {
  name: 'connection-name',
  words: 'names its connection after its instance, so that its death is known at once',
  async play(stage) {
    const { process } = await stage.atWork()
    const names = await stage.bus.connectionNames()
    if (names.includes(process.instance)) return
    throw new Fault(
      `no connection is called ${process.instance}; there are: ${names.filter((name) => !name.startsWith('conform')).join(', ') || 'only nameless ones'}`,
      'Give the client the instance as the name of its connection.',
    )
  },
}

export const announcesWhenAsked: Case = {
  name: 'announce-again',
  words: 'announces itself again on control.announce, the same as before',
  async play(stage) {
    const player = await stage.atWork()
    const first = bodyOf(await stage.announced(player))
    const again = await announcedAgain(stage, player, () => player.asking.say('announce'))
    if (!again)
      throw new Fault(
        `control.announce was not followed by an announce within ${stage.timeoutMs / 1000} s`,
        'Subscribe to …<instance>.control.announce and request announce again.',
      )
    mustBeSame(first, bodyOf(again), ['manifestHash', 'instance', 'startedAt', 'manifest'])
  },
}

export const announcesAfterOutage: Case = {
  name: 'announce-after-outage',
  words: 'comes back by itself when the bus was away, and announces itself again',
  async play(stage) {
    const player = await stage.atWork()
    const again = await announcedAgain(stage, player, () => stage.bus.restart())
    if (player.process.end)
      throw new Fault(
        `it ${player.process.end.words} when the server was restarted`,
        'Let the client reconnect for ever.',
      )
    if (again) return
    throw new Fault(
      `the server was restarted, and no announce followed within ${stage.timeoutMs / 1000} s`,
      'Let the client reconnect for ever, and announce after each reconnection.',
    )
  },
}

export const waitsForKernel: Case = {
  name: 'announce-early',
  words: 'asks again when no kernel is there yet',
  async play(stage) {
    const player = await stage.fresh({ state: 'admitted' })
    stage.kernel.leave()
    const isConnected = await connected(stage, player)
    await stage.kernel.comeBack()
    if (!isConnected) throw new Fault('it did not connect', 'Connect to NATS_URL with RECYCLIQUE_CREDS.')
    await stage.announced(player)
  },
}

export const outlivesBadAnswer: Case = {
  name: 'announce-answer',
  words: 'asks again when the answer to its announce makes no sense',
  async play(stage) {
    const player = await stage.fresh({ text: 'no JSON at all' })
    await stage.announced(player)
    const count = stage.kernel.said.length
    stage.kernel.answerWith({ state: 'admitted' })
    const again = await stage.kernel.next('announce', { from: count, withinMs: stage.timeoutMs })
    if (player.process.end)
      throw new Fault(`it ${player.process.end.words}`, 'Treat it as no answer, and announce again a little later.')
    if (!again)
      throw new Fault('it did not announce itself again', 'Treat it as no answer, and announce again a little later.')
  },
}

export const hashIsStable: Case = {
  name: 'manifest-hash',
  words: 'bears the same manifestHash in every process',
  async play(stage) {
    const one = bodyOf(await stage.announced(await stage.atWork()))
    const other = bodyOf(await stage.announced(await stage.fresh({ state: 'admitted' })))
    mustBeSame(one, other, ['manifestHash'])
    if (one.instance === other.instance || one.startedAt === other.startedAt)
      throw new Fault(
        'two processes announce the same instance, or the same startedAt',
        'startedAt is when this process began: that tells it from one before it with the same name.',
      )
  },
}

const mustBeSame = (one: Announce, other: Announce, fields: readonly (keyof Announce)[]): void => {
  const differing = fields.filter((field) => !isDeepStrictEqual(one[field], other[field]))
  if (differing.length === 0) return
  throw new Fault(
    `it says another ${differing.join(', another ')} than before (${differing.map((field) => `${short(one[field])}, then ${short(other[field])}`).join('; ')})`,
    'manifestHash is the SHA-256 of the manifest’s JSON; instance and startedAt stay the same for as long as the process lives.',
  )
}

const short = (value: unknown): string => JSON.stringify(value)?.slice(0, 40) ?? 'nothing'

const announcedAgain = async (
  stage: Stage,
  { process }: Player,
  act: () => void | Promise<void>,
): Promise<Said | undefined> => {
  const from = stage.kernel.said.length
  await act()
  const found = await stage.news.until(
    () => stage.kernel.said.slice(from).find(({ verb }) => verb === 'announce') ?? (process.end && 'ended'),
    stage.timeoutMs,
  )
  return found === 'ended' ? undefined : found
}

const LOOK_MS = 25

const connected = async (stage: Stage, { process }: Player): Promise<boolean> => {
  const until = performance.now() + stage.timeoutMs
  while (performance.now() < until && !process.end) {
    if ((await stage.bus.connectionNames()).some((name) => !name.startsWith('conform'))) return true
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
  return false
}

export const bodyOf = ({ body }: Said): Announce => body as unknown as Announce
