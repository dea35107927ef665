import { Type } from '@sinclair/typebox'
import type { Manifest } from './manifest.ts'

/** The most rights that one module may ask for: more are not one module. */
export const MOST_RIGHTS = 1_000

/** One right, such as `hears:sale.recorded` or `routes`. A host or a path may stand in it. */
export const Right = Type.String({
  pattern: '^[a-z]{1,20}(:[^\\u0000-\\u001f\\u007f\\ud800-\\udfff]{1,200})?$',
  maxLength: 221,
  description: 'a right such as hears:sale.recorded or routes',
})

/**
 * What a module's manifest asks for, as words that an operator can grant or withhold one by one: `hears:sale.recorded`,
 * `tells:stock.moved`, `routes`. Whoever adds something to the manifest that lets a module do more gives it a line here.
 */
interface Kind {
  /** What it is, before the name, for a person. */
  readonly words: string
  /** The names that the manifest lists; `['']` or none where it is one thing without a name. */
  readonly names: (manifest: Manifest) => readonly string[]
  /** The manifest with no more than the names that may stay. Absent: the module cannot be had without it, and waits. */
  readonly keep?: (manifest: Manifest, mayStay: (name: string) => boolean) => Partial<Manifest>
}

const one = (isThere: boolean): readonly string[] => (isThere ? [''] : [])

const KINDS = {
  hears: {
    words: 'hears the fact',
    names: ({ hears = [] }) => hears,
    keep: ({ hears }, mayStay) => (hears ? { hears: hears.filter(mayStay) } : {}),
  },
  training: {
    words: 'hears what is done in training',
    names: ({ hearsTraining = false }) => one(hearsTraining),
    keep: (_, mayStay) => (mayStay('') ? {} : { hearsTraining: false }),
  },
  tells: {
    words: 'tells the fact',
    names: ({ tells = [] }) => tells.map(({ name }) => name),
    keep: ({ tells }, mayStay) => (tells ? { tells: tells.filter(({ name }) => mayStay(name)) } : {}),
  },
  answers: {
    words: 'answers the question',
    names: ({ answers = [] }) => answers.filter(({ isWrapper }) => !isWrapper).map(({ hook }) => hook),
    keep: ({ answers }, mayStay) =>
      answers ? { answers: answers.filter(({ hook, isWrapper }) => isWrapper || mayStay(hook)) } : {},
  },
  wraps: {
    words: 'stands around the question',
    names: ({ answers = [] }) => answers.filter(({ isWrapper }) => isWrapper).map(({ hook }) => hook),
    keep: ({ answers }, mayStay) =>
      answers ? { answers: answers.filter(({ hook, isWrapper }) => !isWrapper || mayStay(hook)) } : {},
  },
  asks: {
    words: 'asks the question',
    names: ({ asks = [] }) => asks,
    keep: ({ asks }, mayStay) => (asks ? { asks: asks.filter(mayStay) } : {}),
  },
  observes: {
    words: 'looks on at calls of the question',
    names: ({ observes = [] }) => observes,
    keep: ({ observes }, mayStay) => (observes ? { observes: observes.filter(mayStay) } : {}),
  },
  hooks: {
    words: 'offers the question',
    names: ({ specs = [] }) => specs.map(({ name }) => name),
    keep: ({ specs }, mayStay) => (specs ? { specs: specs.filter(({ name }) => mayStay(name)) } : {}),
  },
  routes: {
    words: 'answers HTTP requests under its name',
    names: ({ routes = [] }) => one(routes.length > 0),
    keep: ({ routes }, mayStay) => (routes && !mayStay('') ? { routes: [] } : {}),
  },
  pages: {
    words: 'shows pages',
    names: ({ pages = [] }) => one(pages.length > 0),
    keep: ({ pages }, mayStay) => (pages && !mayStay('') ? { pages: [] } : {}),
  },
  commands: {
    words: 'adds commands',
    names: ({ commands = [] }) => one(commands.length > 0),
    keep: ({ commands }, mayStay) => (commands && !mayStay('') ? { commands: [] } : {}),
  },
  tools: {
    words: 'offers tools',
    names: ({ tools = [] }) => one(tools.length > 0),
    keep: ({ tools }, mayStay) => (tools && !mayStay('') ? { tools: [] } : {}),
  },
  jobs: {
    words: 'has work done at set times',
    names: ({ jobs = [] }) => one(jobs.length > 0),
    keep: ({ jobs }, mayStay) => (jobs && !mayStay('') ? { jobs: [] } : {}),
  },
  keeps: {
    words: 'keeps keys and values with the kernel',
    names: ({ keeps = false }) => one(keeps),
    keep: (_, mayStay) => (mayStay('') ? {} : { keeps: false }),
  },
  api: {
    words: 'does over the HTTP API of the kernel',
    names: ({ permissions }) => permissions?.api ?? [],
    keep: ({ permissions }, mayStay) =>
      permissions?.api ? { permissions: { ...permissions, api: permissions.api.filter(mayStay) } } : {},
  },
  net: { words: 'reaches on the network', names: ({ permissions }) => permissions?.net ?? [] },
  listen: { words: 'listens on the port', names: ({ permissions }) => permissions?.listen ?? [] },
  fs: { words: 'reads and writes in', names: ({ permissions }) => permissions?.fs ?? [] },
  runs: { words: 'runs, held by nothing,', names: ({ permissions }) => permissions?.runs ?? [] },
  memory: {
    words: 'holds in memory, in megabytes,',
    names: ({ permissions }) => (permissions?.memory === undefined ? [] : [String(permissions.memory)]),
  },
} as const satisfies Record<string, Kind>

export type RightKind = keyof typeof KINDS

const kinds: readonly (readonly [string, Kind])[] = Object.entries(KINDS)

/** Every right that a manifest asks for, each once, in the order of the kinds. */
export const rightsOf = (manifest: Manifest): string[] => [
  ...new Set(kinds.flatMap(([kind, { names }]) => names(manifest).map((name) => rightOf(kind, name)))),
]

/** A right taken apart; a name where the kind has some. */
export const readRight = (right: string): { kind: string; name: string } => {
  const [kind = '', name = ''] = right.split(/:(.*)/s)
  return { kind, name }
}

/** Is it of a kind that there is, with a name where the kind has names? */
export const isRight = (right: string): boolean => {
  const { kind, name } = readRight(right)
  return kinds.some(([one]) => one === kind) && NAMELESS.has(kind) === (name === '')
}

const NAMELESS: ReadonlySet<string> = new Set<RightKind>([
  'training',
  'routes',
  'pages',
  'commands',
  'tools',
  'jobs',
  'keeps',
])

/** What a right means, in words for an operator. */
export const wordsOfRight = (right: string): string => {
  const { kind, name } = readRight(right)
  return `${kinds.find(([one]) => one === kind)?.[1].words ?? kind} ${name}`.trim()
}

/** The module cannot be had without it: it is no question of what it says on the bus, and nobody but its host could withhold it. */
export const isIndispensable = (right: string): boolean =>
  kinds.find(([kind]) => kind === readRight(right).kind)?.[1].keep === undefined

/** What the manifest comes to without the rights that are withheld. */
export const manifestWithin = (manifest: Manifest, isWithheld: (right: string) => boolean): Manifest => {
  const left = { ...manifest }
  for (const [kind, { keep }] of kinds)
    Object.assign(
      left,
      keep?.(left, (name) => !isWithheld(rightOf(kind, name))),
    )
  return left
}

const rightOf = (kind: string, name: string): string => (name === '' ? kind : `${kind}:${name}`)
