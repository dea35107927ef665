import { ModuleChanged, type ModuleState } from '@recyclique/contracts'
import { draft, type Rule } from '../ledger/rule.ts'
import { type Standing, standingOf } from './standing.ts'

/** Where the registry sees a module now. */
export interface ChangeModule {
  readonly module: string
  readonly version: string
  readonly to: ModuleState
  readonly reason: string
  readonly instance?: string | undefined
  /** It is let in, or the installation's list names it: whoever has no rank yet is given the next one. */
  readonly isLetIn: boolean
}

interface State {
  readonly before: Standing
  readonly newest: number
}

/** A module changes its state. One that stands so already yields no fact: several kernels may see the same. */
export const changeModule: Rule<ChangeModule, State> = {
  async load(read, { module }) {
    const top = await read.one<{ rank: number | null }>('SELECT MAX(rank) AS rank FROM module')
    return { before: await standingOf(read, module), newest: top?.rank ?? 0 }
  },
  decide({ before, newest }, { body }, { today }) {
    const { module, to, instance, isLetIn } = body
    const [version, reason] = [keepable(body.version, 64), keepable(body.reason, 500)]
    const rank = before.rank ?? (isLetIn ? newest + 1 : undefined)
    if (before.state === to && before.version === version && before.rank === rank) return { facts: [] }
    const data = {
      ...{ module, version, from: before.state, to, reason },
      ...(rank === undefined ? {} : { rank }),
      ...(instance === undefined ? {} : { instance }),
    }
    return { facts: [draft(ModuleChanged, data, { businessDate: today })] }
  },
}

/** A module's own words stand in it, as they came over the wire: a ledger holds no half characters, and no control characters. */
export const keepable = (text: string, most: number): string =>
  text
    .slice(0, most)
    .toWellFormed()
    .replace(/\p{Cc}/gu, ' ')
