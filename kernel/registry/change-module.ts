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
  /** It is let in: whoever has no rank yet is given the next one. */
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
    const { module, version, to, instance, isLetIn } = body
    const rank = before.rank ?? (isLetIn ? newest + 1 : undefined)
    if (before.state === to && before.version === version && before.rank === rank) return { facts: [] }
    const data = {
      ...{ module, version, from: before.state, to, reason: body.reason.slice(0, 500) },
      ...(rank === undefined ? {} : { rank }),
      ...(instance === undefined ? {} : { instance }),
    }
    return { facts: [draft(ModuleChanged, data, { businessDate: today })] }
  },
}
