import type { Logger } from 'pino'
import type { ControlSettings } from './control-settings.ts'
import type { Registry } from './registry/registry.ts'
import { wordsOnUnasked } from './registry/unasked.ts'
import type { Trouble } from './trouble.ts'

/** `EX_UNAVAILABLE`: what it needs is not there. */
const START_FAILED = 69

/**
 * The modules without which the operator does not want to begin: they have a while to be at work, and after that the kernel says so;
 * the till sells all the same, unless the operator wants it to end instead. At the same time it looks for answers to questions that
 * nobody declares: warned of, or the end of the start as well.
 */
export const watchRequired = (
  registry: Pick<Registry, 'states' | 'unasked'>,
  { required, requiredWithinMs, isStrict, pendingHooks }: ControlSettings,
  log: Logger,
) => {
  let isDue = false
  const missing = () => (isDue ? required.flatMap((name) => whyAway(registry, name)) : [])
  const timer = setTimeout(() => {
    isDue = true
    const away = missing().map(({ words }) => words)
    if (away.length > 0) log.error({ reasons: away }, 'required modules are not at work')
    const unasked = registry.unasked().map((one) => `${one.module}: ${wordsOnUnasked(one)}`)
    if (unasked.length > 0) log.warn({ reasons: unasked }, 'modules answer questions that nobody declares')
    const fatal = [...(isStrict ? away : []), ...(pendingHooks === 'fail' ? unasked : [])]
    if (fatal.length === 0) return
    process.send?.({ failed: { message: fatal.join('; ') } })
    process.exit(START_FAILED)
  }, requiredWithinMs)
  return { missing, stop: () => clearTimeout(timer) }
}

const whyAway = (registry: Pick<Registry, 'states'>, name: string): Trouble[] => {
  const found = registry.states().find((one) => one.name === name)
  if (found?.state === 'active') return []
  const why = found?.reasons.join(' ') || 'it has not announced itself yet'
  return [{ words: `module ${name} is required and not at work: ${why}`, isGrave: false }]
}
