import { setTimeout as wait } from 'node:timers/promises'
import { type Case, Fault, NotOwed } from '../case.ts'
import { isAnswering } from '../checks.ts'
import { type Errand, errandCallOf, errandsOf, mustReply, spelled } from '../errands.ts'
import { bodyOf, type Wished } from '../kernel/played-wishes.ts'
import type { Player, Stage } from '../stage.ts'
import { heardFacts, telling } from '../story.ts'

const wantsNone = ({ manifest: { keeps, jobs, permissions } }: Stage): string | undefined =>
  keeps || jobs?.length || permissions?.api?.length ? undefined : 'it wants nothing of the kernel'

/** Something that may make a module want something of the kernel, and of which it then says how it went. */
interface Occasion {
  readonly words: string
  /** `open`: it has not said yet. */
  readonly act: (player: Player) => Promise<'done' | 'failed' | 'open'>
}

const occasionsOf = (stage: Stage): Occasion[] => [
  ...errandsOf(stage.manifest).map(
    (errand): Occasion => ({
      words: spelled(errand),
      act: async (player) => {
        const back = await asked(stage, player, errand, stage.timeoutMs)
        if (typeof back === 'string') return 'open'
        return 'v' in mustReply(stage, player, back, spelled(errand)) ? 'done' : 'failed'
      },
    }),
  ),
  ...heardFacts(stage.manifest).map(
    (fact): Occasion => ({
      words: fact.name,
      act: async () => {
        const { position } = await stage.facts.tell(telling(fact, stage.nextNth(), 'full'))
        const said = () => stage.facts.acks.find((ack) => ack.position === position && ack.is !== 'working')
        const ack = await stage.news.until(said, stage.timeoutMs)
        return ack === undefined ? 'open' : ack.is === 'ack' ? 'done' : 'failed'
      },
    }),
  ),
]

const asked = (stage: Stage, player: Player, errand: Errand, withinMs: number) =>
  player.asking.errand({ ...errand, call: errandCallOf(stage, errand, 'full') }, withinMs)

/** Wishes that change something; what only reads may do without an answer. */
const isChange = ({ said: { verb, name, text } }: Wished): boolean =>
  verb === 'api'
    ? bodyOf(text).method !== 'GET'
    : name === 'put' || name === 'remove' || name === 'set' || name === 'cancel'

/** What a wish is about: a key, a job, a path. */
const aboutOf = ({ said: { verb, name, text } }: Wished): string => {
  const { key, id, method, path } = bodyOf(text)
  return [verb, name, key ?? id, method, path].filter((one) => one !== undefined && one !== '').join(' ')
}

/** Longer than any module waits before it tries again for the first time. */
const AWAY_MS = 700

export const wantsAgain: Case = {
  name: 'wishes-unavailable',
  words: 'wants it again, or says that it failed, when the kernel cannot do it now',
  applies: wantsNone,
  async play(stage) {
    const player = await stage.atWork()
    const { wishes } = stage
    let tried = 0
    for (const { words, act } of occasionsOf(stage)) {
      const from = wishes.all.length
      const since = () => wishes.all.slice(from)
      wishes.be('unavailable')
      const outcome = act(player)
      await Promise.race([outcome, stage.news.until(() => since().length > 0, stage.timeoutMs)])
      if (since().length > 0) await Promise.race([outcome, wait(AWAY_MS)])
      wishes.be('granting')
      const how = await outcome
      const refused = since().filter((one) => isRefused(one) && isChange(one))
      tried += refused.length
      mustNotHammer(refused, 'was answered unavailable')
      const granted = new Set(
        since()
          .filter((one) => !isRefused(one))
          .map(aboutOf),
      )
      const lost = refused.find((one) => !granted.has(aboutOf(one)))
      if (how === 'done' && lost)
        throw new Fault(
          `${words}: it wanted ${aboutOf(lost)}, was answered that this passes (isPassing), and ended as if it had been done`,
          'Send the same again a little later, and say that it is done when it was answered { "v": … }; or answer with an error, or nak the fact.',
        )
    }
    if (tried === 0) throw new NotOwed('nothing that was tried here made it change anything with the kernel')
    await isAnswering(stage, player)
    return `${tried} tried`
  },
}

export const mindsRivals: Case = {
  name: 'wishes-conflict',
  words: 'looks anew, or says that it failed, when another process has changed a key before it',
  applies: ({ manifest }) => (manifest.keeps ? undefined : 'it keeps nothing with the kernel'),
  async play(stage) {
    const player = await stage.atWork()
    const { wishes } = stage
    let tried = 0
    for (const { words, act } of occasionsOf(stage)) {
      const from = wishes.all.length
      const since = () => wishes.all.slice(from)
      wishes.be('rivalled')
      const outcome = act(player)
      await Promise.race([outcome, stage.news.until(() => since().some(isConflict), stage.timeoutMs)])
      wishes.be('granting')
      const how = await outcome
      const conflicts = since().filter(isConflict)
      tried += conflicts.length
      mustNotHammer(conflicts, 'was answered conflict')
      const [first] = conflicts
      if (how === 'done' && first && !since().some((one) => isAnotherTry(one, first)))
        throw new Fault(
          `${words}: another process had changed the key (${aboutOf(first)}, answered conflict), and it ended as if it had been kept`,
          'Read the key anew and decide again with its revision; or answer with an error, or nak the fact.',
        )
    }
    if (tried === 0) throw new NotOwed('nothing that was tried here made it change a key at a revision')
    await isAnswering(stage, player)
    return `${tried} met`
  },
}

const goesOnWhen = (mood: 'silent' | 'garbled', name: string, words: string): Case => ({
  name,
  words,
  applies: wantsNone,
  async play(stage) {
    const player = await stage.atWork()
    const { wishes } = stage
    const errands = errandsOf(stage.manifest)
    const from = wishes.all.length
    wishes.be(mood)
    // All at once, twice: each may wait for as long as it likes, and soon nobody waits for them any more.
    const withinMs = Math.min(AWAY_MS, stage.timeoutMs)
    const twice = [...errands, ...errands]
    await Promise.all(twice.map((errand) => asked(stage, player, errand, withinMs)))
    wishes.be('granting')
    if (wishes.all.length === from) throw new NotOwed('nothing that was tried here made it want anything of the kernel')
    await isAnswering(stage, player)
    for (const errand of errands)
      mustReply(stage, player, await asked(stage, player, errand, stage.timeoutMs), spelled(errand))
  },
})

export const outlivesSilence = goesOnWhen(
  'silent',
  'wishes-silence',
  'goes on well when the kernel never answers what it wants',
)
export const outlivesNonsense = goesOnWhen(
  'garbled',
  'wishes-malformed',
  'goes on well when the answer to what it wants makes no sense',
)

export const wantsWhatItDeclares: Case = {
  name: 'wishes',
  words: 'wants of the kernel what its manifest lists, in the form that the protocol wants',
  applies: (stage) => (stage.wishes.all.length > 0 ? undefined : wantsNone(stage)),
  async play({ wishes }) {
    const all = wishes.all
    for (const one of all) {
      const { reply } = one
      if (!reply || !('error' in reply) || !STANDING.has(reply.error.code)) continue
      throw new Fault(
        `it wanted ${aboutOf(one)}, which is refused (${reply.error.code}): ${reply.error.words}`,
        'docs/protocol.md, "Wanting something of the kernel", has every form, and what manifest.json has to say for it.',
      )
    }
    return all.length === 0 ? 'nothing that was tried here made it want anything' : `${all.length} wanted`
  },
}

/** A mistake of the module's own. */
const STANDING: ReadonlySet<string> = new Set(['not-declared', 'malformed', 'unknown', 'too-large'])

const isRefused = ({ reply }: Wished): boolean => reply !== undefined && 'error' in reply && reply.error.isPassing
const isConflict = ({ reply }: Wished): boolean =>
  reply !== undefined && 'error' in reply && reply.error.code === 'conflict'

/** It looked at the key anew, or wants something else of it than before. */
const isAnotherTry = (one: Wished, first: Wished): boolean =>
  one.said.verb === 'kv' &&
  one.said.at > first.said.at &&
  bodyOf(one.said.text).key === bodyOf(first.said.text).key &&
  one.said.text !== first.said.text

/** The same again at once is answered the same. */
const MOST_AT_ONCE = 20

const mustNotHammer = (refused: readonly Wished[], what: string): void => {
  const times = new Map<string, number>()
  for (const { said } of refused) {
    const key = `${said.verb} ${said.name} ${said.text}`
    times.set(key, (times.get(key) ?? 0) + 1)
  }
  const most = Math.max(0, ...times.values())
  if (most > MOST_AT_ONCE)
    throw new Fault(`the same ${what}, and it sent it ${most} times within a second`, 'Wait a little longer each time.')
}
