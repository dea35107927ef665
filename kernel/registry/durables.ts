import type { Announce, Manifest, Subjects } from '@recyclique/contracts'
import type { Bus, DurableView, DurableWish, Log } from '../bus/port.ts'
import type { Read } from '../store/port.ts'
import { type Change, put } from '../store/table.ts'
import type { InTurn } from './in-turns.ts'
import type { Family } from './party.ts'
import { placeFor } from './place.ts'
import type { Roster } from './roster.ts'

interface KeeperParts {
  readonly bus: Pick<Bus, 'durables' | 'isConnected'>
  readonly roster: Roster
  readonly subjects: Subjects
  readonly head: () => number
  readonly read: Read
  readonly write: (changes: readonly Change[]) => Promise<void>
  readonly log: Log
}

const SEVERAL = 64

/** Looks after the place where each module's facts wait: made at admission, remembered, and made again when the bus has lost it. */
export const durableKeeper = ({ bus, roster, subjects, head, read, write, log }: KeeperParts) => {
  const written = new Map<string, number>()

  /** Gives the position behind which its facts go on; `undefined` for one that hears nothing. */
  const place = async (said: Announce): Promise<number | undefined> => {
    const { manifest, instance } = said
    const wish = wishOf(manifest, subjects)
    if (wish.filters.length === 0) return void (await bus.durables.remove(wish.module))
    const found = await bus.durables.find(wish.module)
    const after = placeFor({ ...(await claimOf(said)), found })
    if (after !== 'stay') {
      await bus.durables.make(wish, after)
      log.info({ module: wish.module, instance, after }, 'its facts go on behind this position')
      return after
    }
    if (found && differs(found, wish)) await bus.durables.adjust(wish)
    return found?.floor
  }

  const claimOf = async ({ manifest, instance, startedAt, resumeAfter }: Announce) => {
    const { name, hearsFrom = 'start' } = manifest
    const family = roster.families.get(name)
    return {
      ...{ resumeAfter, hearsFrom, head: head() },
      remembered: family?.floor ?? (await writtenPosition(name)),
      ...roster.kinOf(name, { id: instance, startedAt }),
    }
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

  return { place, tend, lag }
}

export type Durables = ReturnType<typeof durableKeeper>

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
