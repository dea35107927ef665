import type { Plan } from './plan.ts'
import type { Run } from './run.ts'

/** Knows which calls are under way, so that a module can go when no plan holds it any more. Counted by plan: they are few. */
export const drainer = () => {
  const under = new Map<Plan, number>()
  const waiting = new Set<{ readonly held: Set<Plan>; readonly resolve: () => void }>()
  const begin = ({ plan }: Run) => under.set(plan, (under.get(plan) ?? 0) + 1)
  const end = ({ plan }: Run) => {
    const left = (under.get(plan) ?? 1) - 1
    if (left > 0) return under.set(plan, left)
    under.delete(plan)
    for (const one of waiting) {
      one.held.delete(plan)
      if (one.held.size > 0) continue
      waiting.delete(one)
      one.resolve()
    }
  }
  return {
    async around(run: Run, work: () => Promise<unknown>): Promise<unknown> {
      begin(run)
      try {
        return await work()
      } finally {
        end(run)
      }
    },
    /** The same for a call whose answers are taken one by one: it is over when nobody takes any more. */
    async *aroundEach(run: Run, values: AsyncGenerator<unknown, void>): AsyncGenerator<unknown, void> {
      begin(run)
      try {
        yield* values
      } finally {
        end(run)
      }
    },
    /** Waits for the calls that are under way now with this module; those that begin later have another plan. */
    wait(name: string): Promise<void> {
      const held = new Set([...under.keys()].filter((plan) => holds(plan, name)))
      return held.size === 0 ? Promise.resolve() : new Promise((resolve) => waiting.add({ held, resolve }))
    },
  }
}

const holds = ({ steps, wrappers }: Plan, name: string): boolean =>
  steps.some(({ module }) => module === name) || wrappers.some(({ module }) => module === name)
