import { setTimeout as wait } from 'node:timers/promises'
import { type Case, Fault, NotOwed } from '../case.ts'
import { isAnswering } from '../checks.ts'
import { MOST_KEPT, type Said } from '../kernel/played-kernel.ts'
import { replyToTell } from '../kernel/replies.ts'
import type { Stage } from '../stage.ts'
import { hearsNone, toldSample } from '../story.ts'
import { taken } from './facts.ts'

export const outlivesNonsense: Case = {
  name: 'nonsense',
  words: 'outlives messages that make no sense, on every subject that it hears',
  async play(stage) {
    const player = await stage.atWork()
    const withinMs = Math.min(150, stage.timeoutMs)
    const texts = ['', 'no JSON', '{', 'null', '7', `{"x":"${'y'.repeat(10_000)}"}`, '\u0000\u0001']
    const subjects = [
      ...(['health', 'retry', 'holding', 'config'] as const).map((name) => ['control', name] as const),
      ...[['http', undefined] as const, ['hook', 'there.is.none'] as const, ['part', 'none'] as const],
      ...(['command', 'tool', 'job'] as const).map((verb) => [verb, 'none'] as const),
      ['page', undefined] as const,
    ]
    await Promise.all(
      subjects.flatMap(([verb, name]) => texts.map((text) => player.asking.raw(verb, name, text, withinMs))),
    )
    await isAnswering(stage, player)
  },
}

export const tellsWhatItDeclares: Case = {
  name: 'tells',
  words: 'tells facts that its manifest lists, in the form that it says there',
  applies: (stage) =>
    stage.manifest.tells?.length || saidBy(stage, 'tell').length > 0 ? undefined : 'it tells nothing',
  async play(stage) {
    const told = saidBy(stage, 'tell')
    for (const one of told) {
      const answer = await replyToTell(stage.manifest, one, async () => ({ position: 1, seq: 1 }))
      if ('error' in answer)
        throw new Fault(
          `it told '${one.name}', which is refused (${answer.error.code}): ${answer.error.words}`,
          'manifest.json lists each fact with the JSON Schema of its data.',
        )
    }
    const keyless = told.filter(({ body }) => body.key === undefined).length
    const note = keyless > 0 ? `; ${keyless} without a key: one that is sent again would be told twice` : ''
    return told.length === 0 ? 'none of what it heard here made it tell one' : `${told.length} told${note}`
  },
}

export const tellsAgain: Case = {
  name: 'tells-again',
  words: 'tells the same fact again, under the same key, when it was not kept',
  applies: (stage) => (stage.manifest.tells?.length ? hearsNone(stage) : 'it tells nothing'),
  async play(stage) {
    await taken(stage, await stage.atWork())
    const from = stage.kernel.said.length
    const tells = () => stage.kernel.said.slice(from).filter(({ verb }) => verb === 'tell')
    stage.kernel.refuseTells(true)
    try {
      await toldSample(stage)
      await stage.news.until(() => tells()[0], saidBy(stage, 'tell').length > 0 ? stage.timeoutMs : WATCHED_MS)
    } finally {
      stage.kernel.refuseTells(false)
    }
    const [first] = tells()
    if (!first) throw new NotOwed('none of what it heard here made it tell one')
    if (first.body.key === undefined)
      throw new Fault(
        `it told ${first.name} without a key`,
        'Send a key, and the same again on each try: else nobody knows whether it was kept.',
      )
    const isSame = (one: Said) => one.name === first.name && one.body.key === first.body.key
    if (await stage.news.until(() => tells().slice(1).find(isSame), stage.timeoutMs)) return undefined
    throw new Fault(
      `it told ${first.name}, was answered that this passes (isPassing), and did not tell it again within ${stage.timeoutMs / 1000} s`,
      'Send the same again a little later, with the same key; take a fact as dealt with only when what it made you tell was kept.',
    )
  },
}

const WATCHED_MS = 1_500

export const asksWhatItDeclares: Case = {
  name: 'asks',
  words: 'asks only hooks that its manifest lists',
  applies: (stage) => (stage.manifest.asks?.length || asked(stage).length > 0 ? undefined : 'it asks nothing'),
  async play(stage) {
    const stranger = asked(stage).find((hook) => !stage.manifest.asks?.includes(hook))
    if (stranger !== undefined)
      throw new Fault(
        `it asked ${stranger}`,
        "manifest.json lists under 'asks' what it asks; a real kernel refuses the rest.",
      )
    return `${asked(stage).length} asked`
  },
}

export const speaksWell: Case = {
  name: 'form',
  words: 'says nothing to the kernel that is not of the right form',
  async play(stage) {
    const bad = stage.kernel.said.find(({ flaw }) => flaw !== undefined)
    if (bad)
      throw new Fault(
        `${bad.verb}: ${bad.flaw} (it sent: ${bad.text.slice(0, 120)})`,
        'docs/schemas/asyncapi.json has every form.',
      )
  },
}

/** Shorter, and nobody could tell a flood from a beginning. */
const A_WHILE_MS = 1_500

/** More than any module needs by itself: heartbeats, and what facts make it tell and keep. */
const MOST_A_SECOND = 200

/** So many more for each thing that it was asked in that second: it may have to look at what the kernel keeps for it, and here it is asked very quickly. */
const MOST_AN_ANSWER = 20

export const keepsQuiet: Case = {
  name: 'flood',
  words: 'does not flood the kernel',
  async play({ kernel: { said }, players }) {
    const since = performance.now() - (said[0]?.at ?? performance.now())
    if (since < A_WHILE_MS) await wait(A_WHILE_MS - since)
    const asked = players.flatMap(({ asking }) => asking.moments)
    const { most, isFlood } = busiestSecond(
      said.map(({ at }) => at),
      asked,
    )
    if (isFlood || said.length >= MOST_KEPT)
      throw new Fault(
        `it sent more than ${said.length >= MOST_KEPT ? said.length : most} messages to the kernel within a second`,
        'A heartbeat every heartbeatMs, an announce now and then: nothing has to come faster.',
      )
    return `${most} messages in its busiest second`
  },
}

/** How many of these moments, which stand in order, lie within one second at most, and whether that is ever more than what was asked in it explains. */
const busiestSecond = (moments: readonly number[], asked: readonly number[]): { most: number; isFlood: boolean } => {
  let [from, askedFrom, askedTo] = [0, 0, 0]
  let most = 0
  let isFlood = false
  for (const [nth, at] of moments.entries()) {
    while ((moments[from] as number) < at - 1_000) from += 1
    while ((asked[askedTo] ?? Number.POSITIVE_INFINITY) <= at) askedTo += 1
    while ((asked[askedFrom] ?? Number.POSITIVE_INFINITY) < at - 1_000) askedFrom += 1
    const sent = nth - from + 1
    most = Math.max(most, sent)
    isFlood ||= sent > MOST_A_SECOND + MOST_AN_ANSWER * (askedTo - askedFrom)
  }
  return { most, isFlood }
}

export const staysInside: Case = {
  name: 'borders',
  words: 'tries nothing that its account does not allow',
  async play(stage) {
    const first = stage.bus.violations.find((one) => !LATE_ANSWER.test(one))
    if (first !== undefined)
      throw new Fault(
        `the server refused it something: ${first}`,
        'It may publish to rq.<site>.kernel.<module>.>, hear rq.<site>.mod.<module>.> and _INBOX.<module>.>, and pull from its own durable below js.API.',
      )
  },
}

/** The server's own subject for one answer, which it lets go of some time after the call: who answers late harms nobody. */
const LATE_ANSWER = /Publish Violation.*"_R_\./

const saidBy = ({ kernel }: Stage, verb: string) => kernel.said.filter((one) => one.verb === verb)

const asked = (stage: Stage): string[] => [
  ...saidBy(stage, 'ask').map(({ name }) => name),
  ...saidBy(stage, 'within').map(({ name }) => name.split('.').slice(1).join('.')),
]
