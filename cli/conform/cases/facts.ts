import type { KeptFact } from '@recyclique/contracts'
import { type Case, Fault, NotOwed } from '../case.ts'
import { atRest, viewOf } from '../inside-view.ts'
import type { Ack } from '../kernel/played-facts.ts'
import { lastWords, type Player, type Stage } from '../stage.ts'
import { type Heard, heardFacts, hearsNone, telling, toldSample } from '../story.ts'

const ROUNDS = ['plain', 'full', 'plain', 'bare', 'plain'] as const

export const hearsInOrder: Case = {
  name: 'facts',
  words: 'hears each of its facts and acknowledges them in order',
  applies: hearsNone,
  async play(stage) {
    const player = await stage.atWork()
    const heard = heardFacts(stage.manifest)
    const told: KeptFact[] = []
    for (const is of ROUNDS)
      for (const one of heard) told.push(await stage.facts.tell(telling(one, stage.nextNth(), is)))
    for (const fact of told) await mustBeAcked(stage, player, fact)
    const order = stage.facts.acks.filter(({ is }) => is === 'ack').map(({ position }) => position)
    const wrong = order.find((position, nth) => nth > 0 && position < (order[nth - 1] as number))
    if (wrong !== undefined && stage.manifest.order !== 'none')
      throw new Fault(
        `position ${wrong} was acknowledged behind a later one`,
        'Take one fact at a time, or say "order": "none" in manifest.json.',
      )
    return `${told.length} facts of ${heard.length} kinds`
  },
}

export const beatsPosition: Case = {
  name: 'facts-position',
  words: 'says in its heartbeat how far it has come',
  applies: hearsNone,
  async play(stage) {
    const player = await stage.atWork()
    const { position } = await taken(stage, player)
    const from = stage.kernel.said.length
    const far = ({ body }: { body: Readonly<Record<string, unknown>> }) => Number(body.position) >= position
    if (await stage.kernel.next('heartbeat', { from, withinMs: stage.timeoutMs, fits: far })) return
    const last = stage.kernel.said.findLast(({ verb }) => verb === 'heartbeat')
    throw new Fault(
      `it acknowledged position ${position}, and its heartbeats say ${last?.body.position ?? 'nothing'}`,
      'position is the last one that was dealt with.',
    )
  },
}

export const keepsBeforeAck: Case = {
  name: 'facts-kept',
  words: 'has kept the effect of a fact before it acknowledges it (kill -9 right after)',
  applies: hearsNone,
  async play(stage) {
    const player = await stage.atWork()
    const { body } = await stage.announced(player)
    if (body.resumeAfter === undefined) throw new NotOwed('it keeps no position of its own (no resumeAfter)')
    const { position } = await toldSample(stage)
    await stage.news.until(() => ackOf(stage, position), stage.timeoutMs)
    stage.letEnd(player)
    await player.process.kill()
    const next = await stage.announced(await stage.fresh({ state: 'admitted' }))
    if (Number(next.body.resumeAfter) >= position) return
    throw new Fault(
      `it acknowledged position ${position}, was killed, and announces resumeAfter ${next.body.resumeAfter}: an effect was lost`,
      'Effect and position in one transaction; acknowledge when it is committed.',
    )
  },
}

export const sparesRedelivery: Case = {
  name: 'facts-again',
  words: 'acknowledges facts that come again, and they change nothing',
  applies: hearsNone,
  async play(stage) {
    const player = await stage.atWork()
    const first = await taken(stage, player)
    await atRest(stage)
    const before = await viewOf(stage, player)
    const again = await viewOf(stage, player)
    const count = stage.facts.acks.length
    const told = stage.facts.told()
    await stage.facts.resumeAfter(0)
    player.asking.say('announce')
    const reached = await stage.news.until(
      () => stage.facts.acks.slice(count).find(({ position, is }) => position === first.position && is === 'ack'),
      stage.timeoutMs,
    )
    if (!reached)
      throw new Fault(
        'its durable was made anew, further back, and the facts that it had were not acknowledged again',
        'Where the pull fails announce again and pull anew; acknowledge what is not behind your position, without its effect.',
      )
    const after = await viewOf(stage, player)
    const more = stage.facts.told() - told
    if (more > 0)
      throw new Fault(
        `facts that came a second time made it tell ${more} more facts of its own`,
        'Make the key of a tell from the fact that was heard, such as sale-<position>.',
      )
    if (before === undefined || before !== again) return 'it shows nothing by which an effect could be seen'
    if (after !== before)
      throw new Fault(
        `facts that came a second time changed what it says: before ${clip(before)}, after ${clip(after)}`,
        'Keep the position with the effect, and skip what is not behind it.',
      )
    return 'its routes and answers stayed the same'
  },
}

const clip = (text: string | undefined): string => (text ?? 'nothing').slice(0, 300)

export const sparesUnknownFields: Case = {
  name: 'facts-unknown-fields',
  words: 'takes a fact with fields and headers that it does not know',
  applies: hearsNone,
  async play(stage) {
    const player = await stage.atWork()
    for (const one of heardFacts(stage.manifest)) {
      const fact = telling(one, stage.nextNth())
      const data = { ...(fact.data as object), aLaterField: { some: ['thing'] } }
      await mustBeAcked(stage, player, await stage.facts.tell({ ...fact, data }, { 'rq-later': '1' }))
    }
  },
}

export const letsNewerWait: Case = {
  name: 'facts-newer-version',
  words: 'lets a fact of a newer version wait for the upgrade, and loses nothing',
  applies: hearsNone,
  async play(stage) {
    const player = await stage.atWork()
    await taken(stage, player)
    const from = stage.kernel.said.length
    const [one] = heardFacts(stage.manifest) as [Heard]
    const newer = telling(one, stage.nextNth())
    const fact = await stage.facts.tell({ ...newer, version: newer.version + 1, data: { ofALaterForm: true } })
    const sign = () =>
      player.process.end ??
      stage.facts.acks.find((ack) => ack.position === fact.position) ??
      stage.kernel.said.slice(from).find(({ verb }) => verb === 'dead')
    await stage.news.until(sign, Math.min(WATCHED_MS, stage.timeoutMs))
    try {
      mustLive(player, 'a fact of a newer version came')
      if (ackOf(stage, fact.position))
        throw new Fault(
          'it acknowledged a fact of a version that it does not know',
          'Nak it with a delay: it comes again.',
        )
      if (stage.kernel.said.slice(from).some(({ verb }) => verb === 'dead'))
        throw new Fault('it laid a fact of a newer version aside', 'Nak it with a delay: it waits for the upgrade.')
    } finally {
      await stage.facts.resumeAfter(fact.position)
    }
    player.asking.say('announce')
    await taken(stage, player)
  },
}

/** A fact that is not taken comes once more in that time: longer than any module waits before its first try again. */
const WATCHED_MS = 1_000

export const outlivesNonsense: Case = {
  name: 'facts-malformed',
  words: 'outlives something on the stream that is no fact, and loses nothing behind it',
  applies: hearsNone,
  async play(stage) {
    const player = await stage.atWork()
    await taken(stage, player)
    const [one] = heardFacts(stage.manifest) as [Heard]
    const position = await stage.facts.tellNonsense(one.name, 'this is no fact')
    const sign = () => player.process.end ?? stage.facts.acks.find((ack) => ack.position === position)
    await stage.news.until(sign, stage.timeoutMs)
    mustLive(player, 'something came that is no fact')
    const how = stage.facts.acks.find((ack) => ack.position === position)
    if (!how)
      throw new Fault('it neither acknowledged it nor handed it back', 'Lay it aside (dead), or nak it with a delay.')
    if (how.is !== 'ack') {
      await stage.facts.resumeAfter(position)
      player.asking.say('announce')
    }
    await taken(stage, player)
    const laidAside = stage.kernel.said.some(({ verb, body }) => verb === 'dead' && body.position === position)
    return laidAside ? 'it laid it aside' : how.is === 'ack' ? 'it acknowledged it' : 'it handed it back'
  },
}

export const takesRetry: Case = {
  name: 'facts-retry',
  words: 'answers when an operator gives it a fact again (control.retry)',
  applies: hearsNone,
  async play(stage) {
    const player = await stage.atWork()
    const fact = await taken(stage, player)
    const back = await player.asking.retry(fact, stage.timeoutMs)
    mustLive(player, 'it was given a fact again')
    const answer = typeof back === 'string' ? undefined : (JSON.parse(back.text || 'null') as { ok?: unknown } | null)
    if (typeof answer?.ok === 'boolean') return answer.ok ? 'it took it' : 'it says why it does not take it'
    throw new Fault(
      typeof back === 'string' ? `control.retry met ${back}` : `it answered ${back.text.slice(0, 100)}`,
      'Reply { "ok": true }, or { "ok": false, "error": … }.',
    )
  },
}

const ackOf = (stage: Stage, position: number): Ack | undefined =>
  stage.facts.acks.find((ack) => ack.position === position && ack.is === 'ack')

/** Tells one fact, and waits until it is acknowledged. */
export const taken = async (stage: Stage, player: Player): Promise<KeptFact> => {
  const fact = await toldSample(stage)
  await mustBeAcked(stage, player, fact)
  return fact
}

const mustBeAcked = async (stage: Stage, player: Player, { position, name }: KeptFact): Promise<void> => {
  await stage.news.until(() => ackOf(stage, position) ?? player.process.end, stage.timeoutMs)
  mustLive(player, `${name} came`)
  if (ackOf(stage, position)) return
  const others = stage.facts.acks.filter((ack) => ack.position === position).map(({ is }) => is)
  throw new Fault(
    `${name} at position ${position} was not acknowledged within ${stage.timeoutMs / 1000} s${others.length > 0 ? ` (it said ${others.join(', ')})` : ''}`,
    'Pull from the durable that the answer to the announce names, and ack after the effect.',
  )
}

const mustLive = ({ process }: Player, when: string): void => {
  if (process.end)
    throw new Fault(
      `it ${process.end.words} when ${when}${lastWords(process)}`,
      'Nak what cannot be taken now, with a delay.',
    )
}
