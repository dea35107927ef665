import type { Announce, Dead, Manifest, Subjects } from '@recyclique/contracts'
import type { Bus, DurableView, DurableWish, Log } from '../bus/port.ts'
import type { Read } from '../store/port.ts'
import { type Change, put } from '../store/table.ts'
import { MOST_DEATHS, openFatalFacts } from './fatal-facts.ts'
import type { InTurn } from './in-turns.ts'
import { type Family, isLiving } from './party.ts'
import { placeFor } from './place.ts'
import type { Roster } from './roster.ts'

interface KeeperParts {
  readonly bus: Pick<Bus, 'durables' | 'isConnected'>
  readonly roster: Roster
  readonly subjects: Subjects
  readonly head: () => number
  readonly read: Read
  readonly write: (changes: readonly Change[]) => Promise<void>
  /** A fact with which a module's processes ended each time goes to the dead letters. */
  readonly bury: (module: string, dead: Omit<Dead, 'instance'>) => Promise<void>
  readonly log: Log
}

const SEVERAL = 64

/** Looks after the place where each module's facts wait: made at admission, remembered, and made again when the bus has lost it. */
export const durableKeeper = async (parts: KeeperParts) => {
  const { bus, roster, subjects, head, read, write, bury, log } = parts
  const fatal = await openFatalFacts(parts)
  const written = new Map<string, number>()

  /** Gives the position behind which its facts go on; `undefined` for one that hears nothing. */
  const place = async (said: Announce): Promise<number | undefined> => {
    const { manifest, instance } = said
    const wish = wishOf(manifest, subjects)
    if (wish.filters.length === 0) return void (await bus.durables.remove(wish.module))
    if (isUnseenDeath(said)) await diedOne(wish.module)
    const found = await bus.durables.find(wish.module)
    const after = placeFor({ ...(await claimOf(said)), found })
    if (after !== 'stay') {
      await fatal.rewound(wish.module, after)
      await bus.durables.make(wish, after)
      log.info({ module: wish.module, instance, after }, 'its facts go on behind this position')
      return after
    }
    if (found && differs(found, wish)) await bus.durables.adjust(wish)
    return found?.floor
  }

  /** Its id was that of a process which died, and nobody saw it: a server that does not know our keys tells of no connection that ends. */
  const isUnseenDeath = ({ manifest: { name }, instance, startedAt }: Announce): boolean => {
    const before = roster.find(name, instance)
    const isDead = before !== undefined && isLiving(before) && before.startedAt !== startedAt
    return isDead && before.state !== 'draining' && !roster.kinOf(name, { id: instance, startedAt }).hasSisters
  }

  const claimOf = async (said: Announce) => {
    const { manifest, instance, startedAt } = said
    const { name, hearsFrom = 'start' } = manifest
    const family = roster.families.get(name)
    return {
      ...{ resumeAfter: passedBy(said) ?? said.resumeAfter, hearsFrom, head: head() },
      remembered: family?.floor ?? (await writtenPosition(name)),
      ...roster.kinOf(name, { id: instance, startedAt }),
    }
  }

  /** The fact that it has behind it without knowing, since it ended its processes each time. */
  const passedBy = ({ manifest, resumeAfter }: Announce): number | undefined =>
    resumeAfter === undefined ? undefined : fatal.passedFrom(manifest.name, resumeAfter)

  /**
   * A process of the module died. Where it had the same fact in hand as others that died before it, that fact goes to the dead letters, and the
   * others behind it come. Of several facts at once (`order: none`) nobody knows which it was: there nothing is done.
   */
  const died = (inTurn: InTurn, name: string): void => {
    inTurn(name, () => diedOne(name)).catch((err) => log.warn({ err, module: name }, 'a death could not be counted'))
  }

  const diedOne = async (name: string) => {
    const party = roster.inside(name)[0]
    const wish = party && wishOf(party.manifest, subjects)
    if (!wish || wish.filters.length === 0 || wish.atOnce > 1) return
    const found = await bus.durables.find(name)
    if (!found || found.underWay === 0) return
    const { delivered: position, floor } = found
    const deaths = await fatal.died(name, { position, floor })
    if (deaths < MOST_DEATHS) return
    await bury(name, {
      position,
      attempts: deaths,
      error: `Its process ended each time it had this fact in hand: ${deaths} times.`,
    })
    await bus.durables.make(wish, position)
    roster.familyOf(name).floor = position
  }

  const writtenPosition = async (module: string) =>
    (await read.one<{ position: number }>('SELECT position FROM durable WHERE module = ?', module))?.position

  /**
   * Notes how far each module has come, and makes again the durable of one that lives and has lost it: behind what was acknowledged
   * last, so that a fact may come twice and none is left out.
   */
  const tend = async (inTurn: InTurn): Promise<void> => {
    await Promise.all([...roster.families.keys()].map((name) => inTurn(name, () => tendOne(name))))
    const news = [...roster.families].filter(isNews).map(([module, { floor = 0 }]) => ({ module, position: floor }))
    if (news.length > 0) await write(news.map((row) => put('durable', row)))
    for (const { module, position } of news) written.set(module, position)
  }

  const tendOne = async (name: string) => {
    const family = roster.familyOf(name)
    const party = roster.inside(name)[0]
    const wish = party && wishOf(party.manifest, subjects)
    if (!wish || wish.filters.length === 0) return
    const found = await bus.durables.find(name)
    if (found) family.floor = found.floor
    else if (family.floor !== undefined && roster.living(name).length > 0) {
      await bus.durables.make(wish, family.floor)
      log.warn({ module: name, after: family.floor }, 'the bus had lost its durable; it is there again')
    }
  }

  const isNews = ([name, { floor, keepsPosition }]: [string, Family]) =>
    !keepsPosition && floor !== undefined && written.get(name) !== floor

  /** How many facts wait; `undefined` where that cannot be known now. */
  const lag = async (name: string): Promise<number | undefined> => {
    const hears = roster.inside(name)[0]?.manifest.hears ?? []
    if (!bus.isConnected || hears.length === 0) return undefined
    const found = await bus.durables.find(name).catch(() => undefined)
    return found && found.waiting + found.underWay
  }

  return { place, passedBy, died, tend, lag }
}

export type Durables = Awaited<ReturnType<typeof durableKeeper>>

const wishOf = (
  { name, hears = [], hearsTraining = false, order = 'strict' }: Manifest,
  subjects: Subjects,
): DurableWish => ({
  module: name,
  filters: hears.flatMap((fact) => [
    subjects.factsNamed('live', fact),
    ...(hearsTraining ? [subjects.factsNamed('training', fact)] : []),
  ]),
  atOnce: order === 'none' ? SEVERAL : 1,
})

const differs = (found: DurableView, wish: DurableWish) =>
  found.atOnce !== wish.atOnce || [...found.filters].sort().join() !== [...wish.filters].sort().join()
