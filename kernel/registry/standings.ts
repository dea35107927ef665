import type { Kept } from '../ledger/ledger.ts'
import type { Rule } from '../ledger/rule.ts'
import type { Read } from '../store/port.ts'
import { type ChangeModule, changeModule } from './change-module.ts'
import { allMarks, allStandings, type Mark, type Standing, unheardOf } from './standing.ts'

export interface StandingsParts {
  readonly read: Read
  /** On disk when it resolves. */
  readonly decide: <B, S>(rule: Rule<B, S>, body: B) => Promise<Kept>
}

/** What is kept of the modules, in memory, so that it can be looked at in the middle of anything; the disk is the truth. */
export const openStandings = async ({ read, decide }: StandingsParts) => {
  let standings = new Map<string, Standing>()
  let marks: readonly Mark[] = []

  const reload = async () => {
    const [all, marked] = await Promise.all([allStandings(read), allMarks(read)])
    standings = new Map(all.map((one) => [one.name, one]))
    marks = marked
  }
  const of = (name: string): Standing => standings.get(name) ?? unheardOf(name)

  await reload()
  return {
    of,
    reload,
    all: () => [...standings.values()],
    marks: () => marks,
    /** A change of state. Nothing is written where nothing changes. */
    async change(body: ChangeModule): Promise<Standing> {
      await decide(changeModule, body)
      await reload()
      return of(body.module)
    },
  }
}

export type Standings = Awaited<ReturnType<typeof openStandings>>
