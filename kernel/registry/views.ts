import type { ModuleView, TransitionView } from '@recyclique/contracts'
import type { Durables } from './durables.ts'
import type { Shared } from './parts.ts'
import { stateOf } from './state.ts'
import { type Unasked, unaskedIn, wordsOnUnasked } from './unasked.ts'
import { viewOf } from './view.ts'

/** How many transitions one module is shown with. */
const LAST = 20

/** What the registry shows. */
export const openViews = ({
  read,
  hooks,
  roster,
  standings,
  configs,
  remote,
  durables,
  now,
}: Shared & { durables: Durables }) => {
  const known = () => new Set([...roster.families.keys(), ...standings.all().map(({ name }) => name)])

  const show = async (name: string): Promise<ModuleView> =>
    viewOf({
      family: roster.families.get(name),
      standing: standings.of(name),
      guards: remote.guardsOf(name),
      lag: await durables.lag(name),
      deadLetters: await deadLettersOf(name),
      settings: configs.rowsOf(name),
      notes: unasked(name).map(wordsOnUnasked),
      now: now().getTime(),
    })

  const unasked = (name: string): Unasked[] => {
    const family = roster.families.get(name)
    return family ? unaskedIn({ book: hooks.book }, [family]) : []
  }

  const deadLettersOf = async (name: string): Promise<number> =>
    (
      await read.one<{ count: number }>(
        "SELECT COUNT(*) AS count FROM dead_letter WHERE module = ? AND state = 'dead'",
        name,
      )
    )?.count ?? 0

  /** The event log has them all; few of its facts are about other things. */
  const transitionsOf = async (name: string): Promise<TransitionView[]> => {
    const rows = await read.all<{ data: string; at: string }>(
      `SELECT data, recorded_at AS at FROM ledger WHERE journal = 'events' AND name = 'module.changed'
       AND data LIKE ? ORDER BY seq DESC LIMIT ?`,
      `%"module":"${name}"%`,
      LAST,
    )
    return rows.map(({ data, at }) => {
      const { from, to, reason, version } = JSON.parse(data) as TransitionView
      return { at, from, to, reason, version }
    })
  }

  return {
    states: () =>
      [...known()].sort().map((name) => {
        const { state, reasons } = stateOf(roster.families.get(name), standings.of(name), remote.guardsOf(name))
        return { name, state, reasons }
      }),
    /** Answers to questions that nobody declares. */
    unasked: () => unaskedIn({ book: hooks.book }, roster.families.values()),
    list: () => Promise.all([...known()].sort().map(show)),
    view: async (name: string): Promise<ModuleView | undefined> =>
      known().has(name) ? { ...(await show(name)), transitions: await transitionsOf(name) } : undefined,
  }
}
