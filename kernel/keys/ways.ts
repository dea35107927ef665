import { type KernelVerb, type Subjects, subjectsOf } from '../../contracts/subjects.ts'

/** Every name of a kind of rights. */
export const EVERY = '*'

/**
 * The ways from a module's account to the kernel, verb by verb: which of its rights (`tells:stock.moved`) opens which subjects. A verb that
 * is added to the wire does not compile until it stands here, so that none is open by being forgotten.
 *
 * `always`: who has been granted nothing must still be able to say that it is there, hear why it waits, and lay aside what it
 * cannot take.
 */
const WAYS: Record<KernelVerb, Way> = {
  announce: always('announce'),
  heartbeat: always('heartbeat'),
  bye: always('bye'),
  dead: always('dead'),
  kv: whole('kv', 'keeps'),
  job: whole('job', 'jobs'),
  api: ({ subjects, module, named }) => (named('api').length > 0 ? [subjects.toKernel(module, 'api')] : []),
  tell: byName('tell', 'tells'),
  ask: byName('ask', 'asks'),
  within: ({ subjects, module, named }) =>
    named('asks').map((hook) =>
      hook === EVERY ? subjects.toKernelAll(module, 'within') : subjects.everyWithinOf(module, hook),
    ),
  proceed: ({ subjects, module, named }) =>
    named('wraps').length > 0 ? [subjects.toKernelAll(module, 'proceed')] : [],
}

interface Around {
  readonly subjects: Subjects
  readonly module: string
  /** The names of its rights of one kind. */
  readonly named: (kind: string) => string[]
  /** It has the right that bears no name. */
  readonly has: (kind: string) => boolean
}

type Way = (around: Around) => string[]

function always(verb: KernelVerb): Way {
  return ({ subjects, module }) => [subjects.toKernel(module, verb)]
}

/** Every name behind the verb, by one right without a name. */
function whole(verb: KernelVerb, kind: string): Way {
  return ({ subjects, module, has }) => (has(kind) ? [subjects.toKernelAll(module, verb)] : [])
}

function byName(verb: KernelVerb, kind: string): Way {
  return ({ subjects, module, named }) =>
    named(kind).map((name) =>
      name === EVERY ? subjects.toKernelAll(module, verb) : subjects.toKernel(module, verb, name),
    )
}

/** What a module's account is made for, besides saying that it is there. */
export interface Ways {
  /** Subjects of the kernel's, under their own names. */
  readonly subjects: readonly string[]
  /** Facts wait for it: it may pull from its durable and acknowledge. */
  readonly hasDurable: boolean
}

/**
 * The ways that a module's rights open. A right that opens none (a route: there the kernel speaks first) is no mistake. `*` in a name's
 * place is every name; no manifest can ask for it.
 */
export const waysOf = (site: string, module: string, rights: readonly string[]): Ways => {
  const named = (kind: string) =>
    rights.flatMap((right) => (right.startsWith(`${kind}:`) ? [right.slice(kind.length + 1)] : []))
  const around = { subjects: subjectsOf(site), module, named, has: (kind: string) => rights.includes(kind) }
  return {
    subjects: Object.values(WAYS).flatMap((way) => way(around)),
    hasDurable: named('hears').length > 0,
  }
}
