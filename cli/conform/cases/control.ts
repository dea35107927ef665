import { Health, Holding, parseJson } from '@recyclique/contracts'
import { type Case, Fault } from '../case.ts'
import { isAnswering, readAs } from '../checks.ts'
import { HEARTBEAT_MS, type Stage } from '../stage.ts'

export const pongs: Case = {
  name: 'ping',
  words: 'answers control.ping',
  async play(stage) {
    await isAnswering(stage, await stage.atWork())
    return undefined
  },
}

export const saysHealth: Case = {
  name: 'health',
  words: 'says how it is (control.health)',
  async play(stage) {
    const text = await answerTo(stage, 'health')
    const { ok, words } = readAs(
      (one) => parseJson(Health, one, 'its health'),
      text,
      'Reply { "ok": true }, or { "ok": false, "words": … }.',
    )
    return ok ? 'well' : `not well: ${words ?? 'it does not say why'}`
  },
}

export const saysHolding: Case = {
  name: 'holding',
  words: 'says which facts it has in hand (control.holding)',
  applies: ({ manifest }) => (manifest.hears?.length ? undefined : 'it hears no facts'),
  async play(stage) {
    const text = await answerTo(stage, 'holding')
    const { positions } = readAs(
      (one) => parseJson(Holding, one, 'what it holds'),
      text,
      'Reply { "positions": [] } with those in hand.',
    )
    return `${positions.length} in hand`
  },
}

export const sparesUnknownControl: Case = {
  name: 'control-unknown',
  words: 'is not troubled by a control that a later kernel may send',
  async play(stage) {
    const player = await stage.atWork()
    await player.asking.control('a-later-verb', Math.min(300, stage.timeoutMs))
    for (const verb of ['ping', 'health', 'holding'])
      await player.asking.raw('control', verb, '{"aLaterField":true}', Math.min(300, stage.timeoutMs))
    await isAnswering(stage, player)
  },
}

const BEATS = 6

export const beats: Case = {
  name: 'heartbeats',
  words: 'beats at the pace that the kernel gives',
  async play(stage) {
    const player = await stage.atWork()
    const from = stage.kernel.said.length
    const mine = () => stage.kernel.said.slice(from).filter(({ verb }) => verb === 'heartbeat')
    // Three missed and it would count as suspect: a busy machine may be late, never that late.
    const enough = await stage.news.until(() => mine().length >= BEATS && mine(), HEARTBEAT_MS * BEATS * 3)
    const heard = mine()
    const bad = heard.find(({ flaw }) => flaw !== undefined)
    if (bad)
      throw new Fault(
        `a heartbeat is not of the right form: ${bad.flaw}`,
        '{ instance, inFlight, position }, all of them.',
      )
    const stranger = heard.find(({ body }) => body.instance !== player.process.instance)
    if (stranger)
      throw new Fault(
        `a heartbeat names the instance '${stranger.body.instance}'`,
        'Name the instance that was announced.',
      )
    if (!enough)
      throw new Fault(
        `${heard.length} heartbeats in ${(HEARTBEAT_MS * BEATS * 3) / 1000} s, and every ${HEARTBEAT_MS} ms were asked for`,
        'Publish a heartbeat every heartbeatMs of the answer to the announce.',
      )
    const most = Math.max(...heard.slice(1).map(({ at }, nth) => at - (heard[nth]?.at ?? at)))
    return `every ${HEARTBEAT_MS} ms asked for, ${Math.round(most)} ms the longest pause`
  },
}

const answerTo = async (stage: Stage, what: 'health' | 'holding'): Promise<string> => {
  const { asking } = await stage.atWork()
  const back = await asking.control(what, stage.timeoutMs)
  if (typeof back !== 'string') return back.text
  throw new Fault(
    back === 'nobody'
      ? `nobody hears control.${what}`
      : `no answer to control.${what} within ${stage.timeoutMs / 1000} s`,
    `Subscribe to …<instance>.control.${what}, and answer it.`,
  )
}
