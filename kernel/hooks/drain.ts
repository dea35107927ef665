import type { Run } from './run.ts'

/** Knows which calls are under way, so that a module can go when no plan holds it any more. */
export const drainer = () => {
  const under = new Map<Run, Promise<unknown>>()
  const holds = ({ plan }: Run, name: string) =>
    plan.steps.some(({ module }) => module === name) || plan.wrappers.some(({ module }) => module === name)
  return {
    async around(run: Run, work: () => Promise<unknown>): Promise<unknown> {
      const task = work()
      under.set(run, task)
      try {
        return await task
      } finally {
        under.delete(run)
      }
    },
    /** The same for a call whose answers are taken one by one: it is over when nobody takes any more. */
    async *aroundEach(run: Run, values: AsyncGenerator<unknown, void>): AsyncGenerator<unknown, void> {
      const end = Promise.withResolvers<void>()
      under.set(run, end.promise)
      try {
        yield* values
      } finally {
        under.delete(run)
        end.resolve()
      }
    },
    /** Waits for the calls that are under way now; those that begin later have another plan. */
    async wait(name: string): Promise<void> {
      const held = [...under].filter(([run]) => holds(run, name)).map(([, task]) => task)
      await Promise.allSettled(held)
    },
  }
}
