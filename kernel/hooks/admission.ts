import { type HookSpec, undeclaredHook } from '@recyclique/contracts'
import { hooksIn, implementationsIn, implementationsOf, isFor, type Registered, shown } from './members.ts'
import { OrderCycle } from './order.ts'
import { planOf } from './plan.ts'
import { type Registration, type RegistrationFlaw, RegistrationRefused } from './registration.ts'

/** Which of two modules with one name is kept. */
export type Conflict = 'reject' | 'last-wins' | ((name: string, kept: Registration, said: Registration) => Registration)

/** Throws for a process that is registered already, under this name or another. */
export const refuseKnownInstance = (there: readonly Registered[], said: Registration) => {
  const other = there.find(({ processes }) => processes.has(said.instance))
  if (other) throw refusal(said, 'instance-doubled', `'${said.instance}' is registered already, as ${other.said.name}`)
}

/** Two different modules bear one name: throws unless the policy keeps the later one. */
export const settleConflict = (
  kept: Registration,
  said: Registration,
  { conflict = 'reject', warn }: { conflict?: Conflict; warn?: (flaw: RegistrationFlaw) => void },
) => {
  const words = `two modules are named '${said.name}': ${shown(kept)} and ${shown(said)} (${hooksIn(said).join(', ')})`
  if (conflict === 'reject') throw refusal(said, 'name-taken', words)
  if (conflict === 'last-wins') return warn?.(flawOf(said, 'name-taken', words))
  const winner = conflict(said.name, kept, said)
  if (winner !== said) throw refusal(said, 'name-taken', `${words}: ${shown(winner)} was kept`)
}

/** Tried with everybody who is there: the registration that closes a circle is the one that is refused. */
export const circlesWith = (
  there: readonly Registered[],
  said: Registration,
  specOf: (hook: string) => HookSpec | undefined,
): RegistrationFlaw[] => {
  const others = there.filter((one) => one.said.name !== said.name).flatMap(implementationsIn)
  const all = [...others, ...implementationsOf(said, Number.POSITIVE_INFINITY)]
  return hooksIn(said).flatMap((hook) => {
    try {
      planOf(specOf(hook) ?? undeclaredHook(hook), all.filter(isFor(hook)))
      return []
    } catch (error) {
      if (error instanceof OrderCycle) return [flawOf(said, 'order-cycle', `${hook}: ${error.message}`)]
      throw error
    }
  })
}

export const flawOf = ({ name, instance }: Registration, code: string, words: string): RegistrationFlaw => ({
  ...{ module: name, instance, place: '', code, words },
})

const refusal = (said: Registration, code: string, words: string) =>
  new RegistrationRefused(said, [flawOf(said, code, words)])
