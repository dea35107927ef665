/**
 * The grammar of the bus. This is the only place where a subject is spelled.
 *
 * ```
 * rq.<site>.evt.<mode>.<journal>.<name…>               facts, written by the relay alone
 * rq.<site>.mod.<module>.<instance>.<verb>[.<name…>]   kernel → one instance of a module
 * rq.<site>.kernel.<module>.<verb>[.…]                 module → kernel
 * rq.<site>.kernels.<verb>                             kernel → kernels of the same site
 * rq.<site>.service.<module>.<verb…>                   kernel → a module, which hears it as $SRV.<verb…>
 * rq.<site>.services.<verb…>                           onlooker → kernel, who says it as $SRV.<verb…>
 * $SRV.<PING|INFO|STATS>[.<module>[.<instance>]]       NATS' own, within one account
 * ```
 *
 * A token is 1 to 32 characters of `a-z`, `0-9` and `-`; a name may be several tokens and stands last.
 */

/** What the kernel asks of one instance. */
export type ModuleVerb = 'hook' | 'part' | 'http' | 'body' | 'seen' | ErrandVerb | 'page' | 'control'

/** What one process of a module is to do, by the name behind it. */
export type ErrandVerb = 'command' | 'tool' | 'job'

/** What a module says to the kernel. */
export type KernelVerb = 'announce' | 'heartbeat' | 'bye' | 'ask' | 'tell' | 'dead' | 'proceed' | 'within' | WishVerb

/** What a module wants of the kernel: `kv.<get|put|remove|list>`, `job.<set|cancel|list>`, `api`. */
export type WishVerb = 'kv' | 'job' | 'api'

/** What the tools of NATS ask of services. */
export type ServiceVerb = 'PING' | 'INFO' | 'STATS'
export const SERVICE_VERBS = ['PING', 'INFO', 'STATS'] as const satisfies readonly ServiceVerb[]

const TOKEN = /^[a-z0-9-]{1,32}$/

/** True when the text may stand between two dots of a subject. */
export const isToken = (text: string): boolean => TOKEN.test(text)

/** Every subject and stream name of one site. Throws a `RangeError` for a text that is no token: a caller's mistake, never input. */
export const subjectsOf = (site: string) => {
  const root = `rq.${token(site)}`
  return {
    /** The stream that holds all facts of the site: `RQ_<SITE>`. */
    stream: `RQ_${site.toUpperCase()}`,
    /** Every fact of the site, as a filter. */
    facts: `${root}.evt.>`,
    /** One fact's own subject. Module journals (`module.x`) and mode `deferred` do not appear here: see `factMode`. */
    fact: (mode: 'live' | 'training', journal: string, name: string) =>
      `${root}.evt.${mode}.${token(journal)}.${dotted(name)}`,
    /** All facts of one name over every journal, as a filter. */
    factsNamed: (mode: 'live' | 'training', name: string) => `${root}.evt.${mode}.*.${dotted(name)}`,
    /** All that the kernel may ask of a module, as a filter. */
    moduleBranch: (module: string) => `${root}.mod.${token(module)}.>`,
    /** All that the kernel may ask of one instance, as a filter. */
    instanceBranch: (module: string, instance: string) => `${root}.mod.${token(module)}.${token(instance)}.>`,
    toModule: (module: string, instance: string, verb: ModuleVerb, name?: string) =>
      `${root}.mod.${token(module)}.${token(instance)}.${verb}${name === undefined ? '' : `.${dotted(name)}`}`,
    /** Every question to one instance, as a filter. */
    hooksOf: (module: string, instance: string) => `${root}.mod.${token(module)}.${token(instance)}.hook.>`,
    /** Every errand of one kind to one instance, as a filter. */
    errandsOf: (module: string, instance: string, verb: ErrandVerb) =>
      `${root}.mod.${token(module)}.${token(instance)}.${verb}.*`,
    /** The parts of all its streams, as a filter. */
    partsOf: (module: string, instance: string) => `${root}.mod.${token(module)}.${token(instance)}.part.*`,
    /** The parts of all its long answers over HTTP, as a filter. */
    bodiesOf: (module: string, instance: string) => `${root}.mod.${token(module)}.${token(instance)}.body.*`,
    /** All that any module says to the kernel, as a filter. */
    kernelBranch: `${root}.kernel.>`,
    /** All that one module says to the kernel, as a filter. */
    kernelBranchOf: (module: string) => `${root}.kernel.${token(module)}.>`,
    toKernel: (module: string, verb: KernelVerb, name?: string) =>
      `${root}.kernel.${token(module)}.${verb}${name === undefined ? '' : `.${dotted(name)}`}`,
    /** Every name behind one verb of a module, as a filter. */
    toKernelAll: (module: string, verb: KernelVerb) => `${root}.kernel.${token(module)}.${verb}.>`,
    /** Where a module asks on with one hook, from inside the question of whichever kernel, as a filter. */
    everyWithinOf: (module: string, hook: string) => `${root}.kernel.${token(module)}.within.*.${dotted(hook)}`,
    /** One verb of every module, as a filter: the kernel's own subscription. */
    everyModule: (verb: KernelVerb) => `${root}.kernel.*.${verb}`,
    /** The same where a name follows the verb. */
    everyModuleNamed: (verb: KernelVerb) => `${root}.kernel.*.${verb}.>`,
    /** Where a module says `proceed` to the one kernel that holds its call; `ticket` names call and step. */
    proceed: (module: string, kernel: string, ticket: string) =>
      `${root}.kernel.${token(module)}.proceed.${token(kernel)}.${dotted(ticket)}`,
    /** Every `proceed` that is meant for this kernel, as a filter. */
    everyProceed: (kernel: string) => `${root}.kernel.*.proceed.${token(kernel)}.>`,
    /** Where a module asks on from inside a question: only the kernel that asked it knows what stands around it. */
    within: (module: string, kernel: string, hook: string) =>
      `${root}.kernel.${token(module)}.within.${token(kernel)}.${dotted(hook)}`,
    /** Every such question that is meant for this kernel, as a filter. */
    everyWithin: (kernel: string) => `${root}.kernel.*.within.${token(kernel)}.>`,
    /** What kernels of one site say to each other; no module hears or says it. */
    kernels: (verb: 'module') => `${root}.kernels.${verb}`,
    /** What the kernel asks a module as a NATS service, as a filter. */
    serviceOf: (module: string) => `${root}.service.${token(module)}.>`,
    /** The same of one instance: the end is the subject as the module hears it. */
    toService: (module: string, instance: string, verb: ServiceVerb) =>
      `${root}.service.${token(module)}.${verb}.${token(module)}.${token(instance)}`,
    /** What an onlooker asks of all modules as NATS services, as a filter: the kernel's own subscription. */
    services: `${root}.services.>`,
    /** The durable consumer of a module on the stream. */
    durable: (module: string) => `m-${token(module)}`,
  }
}

export type Subjects = ReturnType<typeof subjectsOf>

/** Takes a subject of the `kernel` branch apart: who speaks, and what it does. The server vouches for `module`. */
export const readKernelSubject = (subject: string): { site: string; module: string; verb: string; rest: string[] } => {
  const [, site = '', , module = '', verb = '', ...rest] = subject.split('.')
  return { site, module, verb, rest }
}

/** The branch of services, within every account. */
export const SERVICE_BRANCH = '$SRV.>'

/** Where a process of a module listens as a NATS service: for all services, for its module, for itself. `*` in the instance's place: for any. */
export const serviceSubjects = (verb: ServiceVerb, module: string, instance: string): string[] => [
  `$SRV.${verb}`,
  `$SRV.${verb}.${token(module)}`,
  `$SRV.${verb}.${token(module)}.${instance === '*' ? '*' : token(instance)}`,
]

/** What may be said to services, as filters. */
export const askedOfServices = (verb: ServiceVerb): string[] => [`$SRV.${verb}`, `$SRV.${verb}.*`, `$SRV.${verb}.*.*`]

/** Takes an onlooker's subject apart: of whom it asks what. Undefined for one that no service answers. */
export const readServicesSubject = (
  subject: string,
): { verb: ServiceVerb; module: string | undefined; instance: string | undefined } | undefined => {
  const [, , , said = '', module, instance, ...rest] = subject.split('.')
  const verb = SERVICE_VERBS.find((one) => one === said)
  return verb === undefined || rest.length > 0 ? undefined : { verb, module, instance }
}

/** The bus knows two modes: late paper entry (`deferred`) is live business, told when it is recorded. */
export const factMode = (mode: 'live' | 'training' | 'deferred'): 'live' | 'training' =>
  mode === 'training' ? 'training' : 'live'

const token = (text: string): string => {
  if (!isToken(text)) throw new RangeError(`'${text}' is no subject token: use 1 to 32 of a-z, 0-9 and -`)
  return text
}

const dotted = (name: string): string => name.split('.').map(token).join('.')
