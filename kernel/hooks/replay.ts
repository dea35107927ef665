import type { HookSpec } from '@recyclique/contracts'
import { ask } from './ask.ts'
import type { Book } from './book.ts'
import type { History, PastCall } from './history.ts'
import type { Process } from './members.ts'
import { type Plan, planOf } from './plan.ts'
import { beginRun, type RunParts } from './run.ts'
import type { Args, Implementation } from './step.ts'

export interface ReplayParts {
  readonly book: Book
  readonly history: History
  readonly parts: RunParts
}

/** Tells those who come later what was asked before they came: all of it, in order, before they are asked anything new. */
export const replayer = ({ book, history, parts }: ReplayParts) => {
  const hearers = new Map<number, (value: unknown) => void>()

  /** Kept in the same moment in which the plan is frozen: nobody hears it twice, nobody misses it. */
  const keep = ({ terms: { spec }, steps }: Plan, args: Args, hear: (value: unknown) => void): number => {
    const { seq } = history.keep(spec, args, parts.clock.now())
    for (const old of hearers.keys()) if (!history.has(old)) hearers.delete(old)
    hearers.set(seq, hear)
    for (const { module } of steps) history.serve(module, seq)
    return seq
  }

  /** Where it ends with an error that the hook does not skip, the process is not let in. */
  const catchUp = async (process: Process): Promise<void> => {
    try {
      await replayTo(process, book.specOf, () => book.join(process))
    } catch (error) {
      book.removeInstance(process.instance)
      throw error
    }
  }

  /** The same for a process that nobody knows yet, and that may bring hooks of its own along. */
  const catchUpApart = (process: Process, specs: readonly HookSpec[], join: () => void): Promise<void> =>
    replayTo(process, (hook) => specs.find(({ name }) => name === hook) ?? book.specOf(hook), join)

  /** Whoever finds nothing more joins in the same turn: what is asked from now on is asked of it as well. */
  const replayTo = async (process: Process, specOf: Book['specOf'], join: () => void) => {
    const historic = process.implementations.filter(({ hook }) => specOf(hook)?.historic)
    let seq = 0
    for (;;) {
      const past = history.next(hooksOf(historic), seq, parts.clock.now())
      if (!past) return join()
      seq = past.seq
      if (hasSeen(process, past) || !isDue(process, past)) continue
      history.serve(process.module, seq)
      await tell(historic, past)
    }
  }

  /** Who has seen more than there is was told by a history that is lost: it hears everything again. */
  const hasSeen = ({ seen }: Process, { hook, seq }: PastCall): boolean => {
    const upTo = seen[hook] ?? 0
    return upTo <= history.last() && seq <= upTo
  }

  const isDue = ({ module }: Process, { hook, seq }: PastCall): boolean =>
    book.specOf(hook)?.historic?.replay !== 'module' || seq > history.servedUpTo(module)

  const tell = async (historic: readonly Implementation[], { hook, args, seq }: PastCall) => {
    const own = historic.filter((one) => one.hook === hook)
    const spec = { ...book.specOf(hook)!, required: [], minImplementations: 0 }
    const values = (await ask(beginRun(planOf(spec, own), parts, { seq }), args)) as unknown[]
    for (const value of values) hearers.get(seq)?.(value)
  }

  return { keep, catchUp, catchUpApart }
}

const hooksOf = (implementations: readonly Implementation[]): string[] => implementations.map(({ hook }) => hook)
