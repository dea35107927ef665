import { type Announce, configFields, type Manifest, objectSchemaFrom, PROTOCOL } from '@recyclique/contracts'
import { satisfies, validRange } from 'semver'
import { cronFlaw } from '../wishes/cron.ts'
import { isKernelsWord, isOfAnotherModule } from './known-fact.ts'

/** The version of what a module can rely on in this kernel: the range in its manifest (`kernel`) must contain it. */
export const KERNEL_API = '0.1.0'

export interface Circumstances {
  /** Who speaks, by the subject: the server vouches for it. */
  readonly speaker: string
  /** The names of all facts that are told here: by the kernel, and by the modules at work. */
  readonly facts: ReadonlySet<string>
  /** The ledger's last position. */
  readonly head: number
  /** What keeps its answers and its hooks from being taken, already in words. */
  readonly flaws: readonly string[]
  /** What keeps it from standing beside the others, in words. */
  readonly clashes: readonly string[]
}

/** Every reason at once why this module cannot be let in as it is; none: it can. Each is a sentence for its author or the operator. */
export const reasonsAgainst = (said: Announce, around: Circumstances): string[] => [
  ...wrongName(said.manifest, around.speaker),
  ...wrongVersions(said.manifest),
  ...brokenRanges(said.manifest),
  ...unknownFacts(said.manifest, around.facts),
  ...wrongTells(said.manifest),
  ...wrongErrands(said.manifest),
  ...wrongConfig(said.manifest),
  ...wrongSideBySide(said.manifest),
  ...around.flaws,
  ...around.clashes,
  ...aheadOfTheLedger(said, around.head),
]

const wrongName = ({ name }: Manifest, speaker: string) =>
  name === speaker ? [] : [`The manifest says '${name}', but the credentials are those of '${speaker}'.`]

const wrongVersions = ({ kernel, protocol: { min, max } }: Manifest) => [
  ...(validRange(kernel) === null ? [`'${kernel}' (kernel) is no range of versions.`] : []),
  ...(validRange(kernel) !== null && !satisfies(KERNEL_API, kernel)
    ? [`It needs kernel ${kernel}; this one is ${KERNEL_API}.`]
    : []),
  ...(min <= PROTOCOL && PROTOCOL <= max
    ? []
    : [`It speaks the protocol in versions ${min} to ${max}; this kernel speaks ${PROTOCOL}.`]),
]

const brokenRanges = ({ requires = {}, optional = {}, conflicts = {} }: Manifest): string[] =>
  Object.entries({ requires, optional, conflicts }).flatMap(([field, ranges]) =>
    Object.entries(ranges)
      .filter(([, range]) => validRange(range) === null)
      .map(([name, range]) => `'${range}' (${field}/${name}) is no range of versions.`),
  )

const unknownFacts = ({ name, hears = [], tells = [] }: Manifest, facts: ReadonlySet<string>) => {
  const own = new Set(tells.map((one) => one.name))
  return hears
    .filter((fact) => !facts.has(fact) && !own.has(fact) && !isOfAnotherModule(fact, name))
    .map((fact) => `It hears '${fact}': there is no such fact.`)
}

const wrongTells = ({ name, tells = [] }: Manifest): string[] =>
  tells.flatMap((one, nth) => [
    ...(one.name.startsWith(`${name}.`) ? [] : [`It tells '${one.name}': its own facts begin with '${name}.'.`]),
    ...(isKernelsWord(name)
      ? [`It tells '${one.name}': what begins with '${name}.' is told by the kernel alone.`]
      : []),
    ...(tells.findIndex((other) => other.name === one.name) < nth ? [`It tells '${one.name}' twice.`] : []),
    ...schemaFlaw(one.data, `tells '${one.name}'`),
  ])

const schemaFlaw = (json: unknown, what: string): string[] => {
  try {
    objectSchemaFrom(json)
    return []
  } catch (error) {
    return [`It ${what}: ${(error as Error).message}.`]
  }
}

const wrongErrands = ({ commands = [], tools = [], jobs = [], routes = [] }: Manifest): string[] => [
  ...Object.entries({ commands, tools, jobs }).flatMap(([field, list]) =>
    list
      .filter(({ name }, nth) => list.findIndex((other) => other.name === name) < nth)
      .map(({ name }) => `It lists '${name}' twice under '${field}'.`),
  ),
  ...tools.flatMap(({ name, input, hook, route }) => [
    ...(input === undefined ? [] : schemaFlaw(input, `has a tool '${name}'`)),
    ...(hook !== undefined && route !== undefined ? [`Its tool '${name}' names a hook and a route: one of them.`] : []),
    ...(route === undefined || routes.some(({ method, path }) => `${method} ${path}` === route)
      ? []
      : [`Its tool '${name}' stands for '${route}', which is none of its routes.`]),
  ]),
  ...jobs.flatMap(({ name, cron }) => {
    const flaw = cron === undefined ? undefined : cronFlaw(cron)
    return flaw === undefined ? [] : [`The time table of its job '${name}' ${flaw}.`]
  }),
]

const wrongConfig = ({ config }: Manifest): string[] => {
  try {
    configFields(config)
    return []
  } catch (error) {
    return [`Its configuration cannot be set: in the schema, ${(error as Error).message}.`]
  }
}

/** Two majors would share one place in the ledger. */
const wrongSideBySide = ({ sideBySide, hears = [] }: Manifest) =>
  sideBySide && hears.length > 0
    ? ['It stands side by side with other majors of itself, so that it can hear no facts.']
    : []

/** Its next facts would bear positions that it takes for known, and be skipped in silence. */
const aheadOfTheLedger = ({ resumeAfter = 0 }: Announce, head: number) =>
  resumeAfter <= head
    ? []
    : [
        `It has dealt with position ${resumeAfter}, and the ledger ends at ${head}: an older backup of the ledger was restored. Restore the module's store as well, or delete it; it hears everything again.`,
      ]
