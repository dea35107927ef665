import { type HookSpec, undeclaredHook } from '@recyclique/contracts'
import { type Conflict, circlesWith, flawOf, refuseKnownInstance, settleConflict } from './admission.ts'
import {
  hooksIn,
  implementationsIn,
  isFor,
  isSame,
  type Process,
  processOf,
  type Registered,
  ranksInMemory,
} from './members.ts'
import { type Marks, type Plan, planOf } from './plan.ts'
import {
  flawsIn,
  flawsOn,
  type Registration,
  type RegistrationFlaw,
  RegistrationRefused,
  warningsFor,
} from './registration.ts'

export type Admission =
  | {
      readonly registered: true
      readonly module: Registered
      readonly process: Process
      readonly warnings: readonly RegistrationFlaw[]
    }
  | { readonly registered: false; readonly reason: 'blocked' }

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
  const rankFor = ({ name, rank }: Registration) => rank ?? rankOf(name)
  const specOf = (hook: string) => declared.get(hook)?.spec
  const all = () => [...modules.values()]

  /** Throws for a document without hooks, or with one that has another owner. Those who waited for a hook are checked now. */
  const declare = (owner: string, specs: readonly HookSpec[]): RegistrationFlaw[] => {
    if (specs.length === 0) throw new RangeError(`${owner} declares no hooks`)
    const taken = specs.filter(({ name }) => declared.has(name)).map(takenWords)
    if (taken.length > 0) throw new RangeError(`${owner}: ${taken.join('; ')}`)
    for (const spec of specs) declared.set(spec.name, { spec, owner })
    plans.clear()
    return all().flatMap((module) => flawsOfOneWhoWaited(module, specs))
  }

  const takenWords = ({ name }: HookSpec) => `the hook '${name}' belongs to ${declared.get(name)?.owner}`

  /** Whoever does not fit the hook that it waited for is taken off it, and named. */
  const flawsOfOneWhoWaited = ({ said }: Registered, specs: readonly HookSpec[]): RegistrationFlaw[] =>
    specs.flatMap(({ name }) => {
      const flaws = flawsOn(said, specOf, name)
      if (flaws.length > 0) withdraw(name, said.name)
      return flaws
    })

  /** Lets a module in, whole or not at all. Throws a `RegistrationRefused` with every flaw. */
  const admit = (announced: Registration): Admission => {
    const said = policy.adapt?.(announced) ?? announced
    if (blocked.has(said.name)) return { registered: false, reason: 'blocked' }
    refuseKnownInstance(all(), said)
    const kept = modules.get(said.name)
    const sister = kept && isSame(kept.said, said) ? kept : undefined
    if (kept && !sister) settleConflict(kept.said, said, policy)
    const flaws = [...flawsIn(said, specOf), ...circlesWith(all(), said, specOf)]
    if (flaws.length > 0) throw new RegistrationRefused(said, flaws)
    return { registered: true, ...enter(said, sister), warnings: warned(said) }
  }

  /** A second process of the same module stands beside the first; another module of the same name stands in its place. */
  const enter = (said: Registration, sister: Registered | undefined) => {
    const rank = rankFor(said)
    const process = processOf(said, rank)
    const module = { said, rank, processes: new Map([...(sister?.processes ?? []), [said.instance, process]]) }
    setModule(module)
    return { module, process }
  }

  /** Everything that is wrong with it, and with the hooks that it brings along, as if it came now. Nothing is changed. */
  const check = (announced: Registration, specs: readonly HookSpec[] = []): RegistrationFlaw[] => {
    const said = policy.adapt?.(announced) ?? announced
    const own = new Map(specs.map((spec) => [spec.name, spec]))
    const known = (hook: string) => own.get(hook) ?? specOf(hook)
    const taken = specs.filter(({ name }) => (declared.get(name)?.owner ?? said.name) !== said.name)
    return [
      ...taken.map((spec) => flawOf(said, 'hook-taken', `${said.name}: ${takenWords(spec)}`)),
      ...flawsIn(said, known),
      ...circlesWith(all(), said, known),
    ]
  }

  /** A process that is to stand in the place of what bears its name now; nothing is changed yet. Throws a `RegistrationRefused`. */
  const prepare = (said: Registration, specs: readonly HookSpec[]): Process => {
    const flaws = check(said, specs)
    if (flaws.length > 0) throw new RegistrationRefused(said, flaws)
    return processOf(said, rankFor(said))
  }

  /** In one step: the old one and its hooks are out, the new one and its hooks are in. */
  const replace = (said: Registration, specs: readonly HookSpec[], process: Process): Registered => {
    undeclare(said.name)
    const module = {
      said,
      rank: rankFor(said),
      processes: new Map([[said.instance, { ...process, hasJoined: true }]]),
    }
    setModule(module)
    if (specs.length > 0) declare(said.name, specs)
    return module
  }

  /** All hooks of an owner go. Who answers them waits for them, as before they came. */
  const undeclare = (owner: string) => {
    for (const [name, entry] of [...declared]) if (entry.owner === owner) declared.delete(name)
    plans.clear()
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

  const join = ({ module, instance }: Process) => {
    const entry = modules.get(module)
    const process = entry?.processes.get(instance)
    if (!entry || !process) return
    setModule({ ...entry, processes: new Map([...entry.processes, [instance, { ...process, hasJoined: true }]]) })
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
    const isAlone = !specOf(hook)?.sideBySide
    return all().flatMap(({ said, processes }) => {
      if (isAlone && isOutgrown(said, hook)) return []
      const there = [...processes.values()].filter(({ hasJoined }) => hasJoined)
      const asked = isForEach ? there : there.slice(0, 1)
      return asked.flatMap(({ implementations }) => implementations.filter(isFor(hook)))
    })
  }

  /** A newer major of the same module answers this hook, and the hook wants one of them. */
  const isOutgrown = ({ beside }: Registration, hook: string): boolean =>
    beside !== undefined &&
    all().some(
      ({ said, processes }) =>
        said.beside?.module === beside.module &&
        said.beside.major > beside.major &&
        [...processes.values()].some(
          ({ hasJoined, implementations }) => hasJoined && implementations.some(isFor(hook)),
        ),
    )

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
    ...{ declare, undeclare, check, admit, prepare, replace, join, plan, remove, removeInstance, withdraw, specOf },
    /** Every hook that is declared, and whose it is. */
    declared: () => [...declared.values()],
    marksOf: (hook: string): Marks => marks.get(hook) ?? {},
    names: () => [...modules.keys()],
    /** This process is registered under this name. */
    holds: (name: string, instance: string) => modules.get(name)?.processes.has(instance) ?? false,
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
          .map(({ hook }) => ({
            ...flawOf(entry.said, 'hook-unknown', `${entry.said.name}: unknown hook '${hook}'`),
            hook,
          })),
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
