import { type HookSpec, undeclaredHook } from '@recyclique/contracts'
import { OrderCycle } from './order.ts'
import { type Marks, type Plan, planOf } from './plan.ts'
import {
  type AnswerSaid,
  flawsIn,
  type Registration,
  type RegistrationFlaw,
  RegistrationRefused,
  warningsFor,
} from './registration.ts'
import type { Implementation } from './step.ts'

/** One process of a module. It is asked nothing until it has joined: before that it is told what it has missed. */
export interface Process {
  readonly module: string
  readonly instance: string
  readonly implementations: readonly Implementation[]
  readonly hasJoined: boolean
}

/** A module that was let in, and its processes by instance. */
export interface Registered {
  readonly said: Registration
  readonly rank: number
  readonly processes: ReadonlyMap<string, Process>
}

export type Admission =
  | {
      readonly registered: true
      readonly module: Registered
      readonly process: Process
      readonly warnings: readonly RegistrationFlaw[]
    }
  | { readonly registered: false; readonly reason: 'blocked' }

/** Which of two modules with one name is kept. */
export type Conflict = 'reject' | 'last-wins' | ((name: string, kept: Registration, said: Registration) => Registration)

export interface BookPolicy {
  /** Looks at what a module says before it is checked, and may adapt it. Pure. */
  readonly adapt?: (said: Registration) => Registration
  readonly conflict?: Conflict
  /** The module's age, which outlives the kernel; from memory where nobody says otherwise. */
  readonly rankOf?: (name: string) => number
  readonly warn?: (flaw: RegistrationFlaw) => void
}

/** Which hooks are declared, and by whom; which modules answer them; in which plan. Plain memory. */
export const openBook = (policy: BookPolicy = {}) => {
  const declared = new Map<string, { spec: HookSpec; owner: string }>()
  const modules = new Map<string, Registered>()
  const blocked = new Set<string>()
  const marks = new Map<string, Marks>()
  const plans = new Map<string, Plan>()
  const rankOf = policy.rankOf ?? ranksInMemory()
  const specOf = (hook: string) => declared.get(hook)?.spec
  const all = () => [...modules.values()]

  /** Throws for a document without hooks, or with one that has another owner. Those who waited for a hook are checked now. */
  const declare = (owner: string, specs: readonly HookSpec[]): RegistrationFlaw[] => {
    if (specs.length === 0) throw new RangeError(`${owner} declares no hooks`)
    const taken = specs.filter(({ name }) => declared.has(name)).map(takenWords)
    if (taken.length > 0) throw new RangeError(`${owner}: ${taken.join('; ')}`)
    for (const spec of specs) declared.set(spec.name, { spec, owner })
    plans.clear()
    return specs.flatMap(flawsOfThoseWhoWaited)
  }

  const takenWords = ({ name }: HookSpec) => `the hook '${name}' belongs to ${declared.get(name)?.owner}`

  /** A handler that does not fit the hook that it waited for is taken out, and named. */
  const flawsOfThoseWhoWaited = ({ name }: HookSpec): RegistrationFlaw[] =>
    all().flatMap((module) => {
      const answers = module.said.answers.filter(({ hook }) => hook === name)
      const flaws = answers.flatMap((answer) => flawsIn({ ...module.said, answers: [answer] }, specOf))
      if (flaws.length > 0) withdraw(name, module.said.name)
      return flaws
    })

  /** Lets a module in, whole or not at all. Throws a `RegistrationRefused` with every flaw. */
  const admit = (announced: Registration): Admission => {
    const said = policy.adapt?.(announced) ?? announced
    if (blocked.has(said.name)) return { registered: false, reason: 'blocked' }
    const kept = modules.get(said.name)
    refuseKnownInstance(said)
    const wanted = kept && !isSame(kept.said, said) ? resolved(kept.said, said) : said
    if (wanted !== said) throw refusal(said, 'name-taken', `${shown(wanted)} was kept`)
    const flaws = [...flawsIn(said, specOf), ...circles(said)]
    if (flaws.length > 0) throw new RegistrationRefused(said, flaws)
    return { registered: true, ...enter(said, kept), warnings: warned(said) }
  }

  const refuseKnownInstance = (said: Registration) => {
    const other = all().find(({ processes }) => processes.has(said.instance))
    if (other)
      throw refusal(said, 'instance-doubled', `'${said.instance}' is registered already, as ${other.said.name}`)
  }

  const resolved = (kept: Registration, said: Registration): Registration => {
    const { conflict = 'reject' } = policy
    const words = `two modules are named '${said.name}': ${shown(kept)} and ${shown(said)} (${hooksIn(said).join(', ')})`
    if (conflict === 'reject') throw refusal(said, 'name-taken', words)
    if (conflict !== 'last-wins') return conflict(said.name, kept, said)
    policy.warn?.(flaw(said, 'name-taken', words))
    return said
  }

  /** Tried with everybody who is there: the registration that closes a circle is the one that is refused. */
  const circles = (said: Registration): RegistrationFlaw[] => {
    const others = all().filter((one) => one.said.name !== said.name)
    const own = implementationsOf(said, rankOf(said.name))
    return hooksIn(said).flatMap((hook) => {
      const there = [...others.flatMap(implementationsIn), ...own]
      try {
        planOf(specOf(hook) ?? undeclaredHook(hook), there.filter(isFor(hook)))
        return []
      } catch (error) {
        if (error instanceof OrderCycle) return [flaw(said, 'order-cycle', `${hook}: ${error.message}`)]
        throw error
      }
    })
  }

  /** A second process of the same module stands beside the first; another module of the same name stands in its place. */
  const enter = (said: Registration, kept: Registered | undefined) => {
    const rank = rankOf(said.name)
    const sisters = kept && isSame(kept.said, said) ? kept.processes : []
    const process = {
      ...{ module: said.name, instance: said.instance, hasJoined: false },
      implementations: implementationsOf(said, rank),
    }
    const module = { said, rank, processes: new Map([...sisters, [said.instance, process]]) }
    setModule(module)
    return { module, process }
  }

  const setModule = (module: Registered) => {
    modules.set(module.said.name, module)
    plans.clear()
  }

  const warned = (said: Registration) => {
    const warnings = warningsFor(said, specOf)
    for (const warning of warnings) policy.warn?.(warning)
    return warnings
  }

  const join = (process: Process) => {
    const entry = modules.get(process.module)
    if (!entry?.processes.has(process.instance)) return
    setModule({
      ...entry,
      processes: new Map([...entry.processes, [process.instance, { ...process, hasJoined: true }]]),
    })
  }

  /** The plan as it stands now. Undefined for a hook that nobody declared and nobody answers. */
  const plan = (hook: string): Plan | undefined => {
    const known = plans.get(hook)
    if (known) return known
    const there = implementationsOn(hook)
    const spec = specOf(hook) ?? (there.length > 0 ? undeclaredHook(hook) : undefined)
    if (!spec) return undefined
    const made = planOf(spec, there, marks.get(hook))
    plans.set(hook, made)
    return made
  }

  /** A module is one step, whatever process of it is asked; but what is told to every process is a step for each. */
  const implementationsOn = (hook: string) => {
    const historic = specOf(hook)?.historic
    const isForEach = historic !== undefined && historic.replay !== 'module'
    return all().flatMap(({ processes }) => {
      const there = [...processes.values()].filter(({ hasJoined }) => hasJoined)
      const asked = isForEach ? there : there.slice(0, 1)
      return asked.flatMap(({ implementations }) => implementations.filter(isFor(hook)))
    })
  }

  /** Takes a module out of every plan; null for a name that nobody has. Blocked names are left alone. */
  const remove = (name: string): Registration | null => {
    const entry = modules.get(name)
    modules.delete(name)
    plans.clear()
    return entry?.said ?? null
  }

  /** One process goes; the module with its last one. Throws for a process that nobody knows. */
  const removeInstance = (instance: string): Registration => {
    const entry = all().find(({ processes }) => processes.has(instance))
    if (!entry) throw new RangeError(`'${instance}' is not registered`)
    const left = [...entry.processes].filter(([id]) => id !== instance)
    if (left.length === 0) remove(entry.said.name)
    else setModule({ ...entry, processes: new Map(left) })
    return entry.said
  }

  /** Takes one module off one hook. Throws where it has nothing there. */
  const withdraw = (hook: string, name: string) => {
    const entry = modules.get(name)
    if (!entry || !implementationsIn(entry).some(isFor(hook))) throw new RangeError(`'${name}' has nothing on ${hook}`)
    const without = (process: Process): Process => ({
      ...process,
      implementations: process.implementations.filter((one) => one.hook !== hook),
    })
    setModule({ ...entry, processes: new Map([...entry.processes].map(([id, one]) => [id, without(one)])) })
  }

  return {
    ...{ declare, admit, join, plan, remove, removeInstance, withdraw, specOf },
    names: () => [...modules.keys()],
    /** Throws for a name that nobody has, and lists who is there. */
    module(name: string): Registered {
      const entry = modules.get(name)
      if (!entry) throw new RangeError(`there is no module '${name}'; there are: ${[...modules.keys()].join(', ')}`)
      return entry
    },
    /** The hooks that a module answers, each once; null for a module that nobody knows. */
    hooksOf: (name: string) => (modules.has(name) ? hooksIn(modules.get(name)!.said) : null),
    /** Who waits for a hook that nobody has declared, and does not say that it may stay so. */
    pending: () =>
      all().flatMap((entry) =>
        implementationsIn(entry)
          .filter(({ hook, isOptional }) => !isOptional && !declared.has(hook))
          .map(({ hook }) => flaw(entry.said, 'hook-unknown', `${entry.said.name}: unknown hook '${hook}'`)),
      ),
    block(name: string) {
      blocked.add(name)
      return remove(name)
    },
    unblock: (name: string) => blocked.delete(name),
    isBlocked: (name: string) => blocked.has(name),
    /** The operator says who must be there for a hook, and who may be away. */
    mark(hook: string, said: Marks) {
      marks.set(hook, said)
      plans.clear()
    },
  }
}

export type Book = ReturnType<typeof openBook>

/** In the order of the first registration; a name keeps its number when it comes back. */
const ranksInMemory = () => {
  const ranks = new Map<string, number>()
  return (name: string): number => {
    const rank = ranks.get(name) ?? ranks.size + 1
    ranks.set(name, rank)
    return rank
  }
}

/** Those of its first process: its sisters have the same. */
const implementationsIn = ({ processes }: Registered): readonly Implementation[] =>
  processes.values().next().value?.implementations ?? []

const implementationsOf = (said: Registration, rank: number): Implementation[] =>
  said.answers.map((answer) => implementationOf(said, answer, rank))

const implementationOf = (said: Registration, answer: AnswerSaid, rank: number): Implementation => ({
  ...{ module: said.name, version: said.version, instance: said.instance, handler: answer.handler, hook: answer.hook },
  ...{ args: answer.args, band: answer.place ?? 'normal', isOptional: answer.isOptional ?? false },
  isWrapper: (answer.isWrapper || answer.isOutcomeWrapper) ?? false,
  ...{ before: answer.before ?? [], after: answer.after ?? [], timeoutMs: answer.timeoutMs },
  ...{ concurrency: said.concurrency, labels: said.labels ?? {}, rank, call: answer.call },
})

const isFor = (hook: string) => (one: Implementation) => one.hook === hook

const hooksIn = ({ answers }: Registration): string[] => [...new Set(answers.map(({ hook }) => hook))]

const shown = ({ version, instance }: Registration) => `${version} (${instance})`

/** The code behind it is not compared: it stands in another process. */
const isSame = (a: Registration, b: Registration): boolean => a.version === b.version && saidBy(a) === saidBy(b)

const saidBy = ({ answers, labels, concurrency }: Registration) => JSON.stringify([answers, labels, concurrency])

const flaw = ({ name, instance }: Registration, code: string, words: string): RegistrationFlaw => ({
  ...{ module: name, instance, place: '', code, words },
})

const refusal = (said: Registration, code: string, words: string) =>
  new RegistrationRefused(said, [flaw(said, code, words)])
