import type { LogLevel, LogLevelTaken } from '@recyclique/contracts'
import { Unanswered } from '../bus/port.ts'
import { Refusal } from '../errors.ts'
import type { Shared } from './parts.ts'

const TAKEN_WITHIN_MS = 2_000

/** Tells every living process of a module how much to write. Kept nowhere: a process that starts later begins with its own. */
export const setLogLevel = async (
  { bus, roster, subjects }: Pick<Shared, 'bus' | 'roster' | 'subjects'>,
  module: string,
  level: LogLevel,
): Promise<LogLevelTaken> => {
  if (!roster.families.has(module)) throw new Refusal('module-unknown', { module })
  const taken = roster.living(module).map(async ({ id, pending }) => {
    const subject = subjects.toModule(module, id, 'control', 'log-level')
    const words = await bus
      .ask(subject, JSON.stringify({ level }), { withinMs: TAKEN_WITHIN_MS, among: pending })
      .then(() => undefined, whyNot)
    return { instance: id, ok: words === undefined, ...(words === undefined ? {} : { words }) }
  })
  return { module, level, taken: await Promise.all(taken) }
}

const whyNot = (error: Error): string =>
  error instanceof Unanswered && error.how === 'nobody'
    ? 'it does not listen for another level: set LOG_LEVEL, and start it again'
    : `it does not say whether it took it: ${error.message}`
