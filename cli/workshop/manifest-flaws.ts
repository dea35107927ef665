import {
  FACTS,
  HOOKS,
  hookFrom,
  Manifest,
  Misfit,
  objectSchemaFrom,
  PROTOCOL,
  parseJson,
  schemaFrom,
} from '@recyclique/contracts'
import { commandsOf } from './commands.ts'
import { lineFinder } from './line-of.ts'
import { rangeFlaws } from './read-manifest.ts'

/** Longer than any manifest that somebody wrote: nobody reads on. */
const MOST_LETTERS = 4 * 1024 * 1024

/**
 * Everything that is wrong with a manifest and that can be seen without running anything or asking a kernel, each with line and field.
 * What the manifest's own fields say comes first; only where those fit is looked at what they say together.
 */
export const manifestFlaws = (text: string, file: string): { manifest?: Manifest; flaws: string[] } => {
  if (text.length > MOST_LETTERS)
    return { flaws: [`${file} has ${Math.round(text.length / 1024)} kB: ${MOST_LETTERS / 1024} kB at most`] }
  const lineOf = lineFinder(text)
  const at = (field: string, why: string) => `${file}, line ${lineOf(field)}: ${field || 'the whole'} ${why}`
  try {
    const manifest = parseJson(Manifest, text, file)
    const flaws = CHECKS.flatMap((check) => check(manifest)).map(([field, why]) => at(field, why))
    const commands = commandsOf([{ name: manifest.name, folder: '', entry: '', manifest }]).notes
    return { manifest, flaws: [...flaws, ...commands] }
  } catch (error) {
    if (!(error instanceof Misfit)) throw error
    return { flaws: error.flaws.map(({ field, why }) => (isSyntax(why) ? `${file}: ${why}` : at(field, why))) }
  }
}

/** It names line and column itself. */
const isSyntax = (why: string): boolean => why.startsWith('is not JSON')

type Flaw = [field: string, why: string]
type Check = (manifest: Manifest) => Flaw[]

const speaksProtocol: Check = ({ protocol: { min, max } }) =>
  min <= PROTOCOL && PROTOCOL <= max ? [] : [['/protocol', `is ${min} to ${max}: this program speaks ${PROTOCOL}`]]

const needsNotItself: Check = ({ name, ...ranges }) =>
  (['requires', 'optional', 'conflicts'] as const).flatMap((field): Flaw[] =>
    Object.hasOwn(ranges[field] ?? {}, name) ? [[`/${field}/${name}`, 'names the module itself']] : [],
  )

/** The names of facts and questions that the program has, and the first words of them. */
const wordOf = (name: string) => name.split('.')[0] ?? ''
const KERNELS_FACTS = new Set(FACTS.map(({ name }) => name))
const KERNELS_HOOKS = new Set(HOOKS.map(({ name }) => name))
const FACT_WORDS = new Set([...KERNELS_FACTS].map(wordOf))
const HOOK_WORDS = new Set([...KERNELS_HOOKS].map(wordOf))

const hearsWhatThereIs: Check = ({ name, hears = [], tells = [] }) => {
  const own = new Set(tells.map((one) => one.name))
  return hears.flatMap((fact, nth): Flaw[] => {
    const isThere = KERNELS_FACTS.has(fact) || own.has(fact) || !(FACT_WORDS.has(wordOf(fact)) || wordOf(fact) === name)
    return isThere ? [] : [[`/hears/${nth}`, `names '${fact}': there is no such fact (docs/facts.md lists them)`]]
  })
}

/** A hook of another module may be there once that module is; one under a word of the kernel's is a slip of the pen, unless a module of that name is needed. */
const answersWhatThereIs: Check = (manifest) => {
  const { name, answers = [], asks = [], observes = [], specs = [], requires = {}, optional = {} } = manifest
  const known = new Set([...KERNELS_HOOKS, ...specs.map((one) => one.name)])
  const others = new Set([...Object.keys(requires), ...Object.keys(optional)])
  const isMissing = (hook: string) => {
    const word = wordOf(hook)
    return !known.has(hook) && (word === name || (HOOK_WORDS.has(word) && !others.has(word)))
  }
  const words = (hook: string) =>
    `names '${hook}': there is no such question; there are ${[...KERNELS_HOOKS].join(', ')}`
  return [
    ...answers.flatMap(({ hook, isOptional }, nth): Flaw[] =>
      isMissing(hook) && !isOptional ? [[`/answers/${nth}/hook`, words(hook)]] : [],
    ),
    ...asks.flatMap((hook, nth): Flaw[] => (isMissing(hook) ? [[`/asks/${nth}`, words(hook)]] : [])),
    ...observes.flatMap((hook, nth): Flaw[] =>
      hook !== '*' && isMissing(hook) ? [[`/observes/${nth}`, words(hook)]] : [],
    ),
  ]
}

const knowsItsArguments: Check = ({ answers = [] }) =>
  answers.flatMap(({ hook, args = [] }, nth) => {
    const spec = HOOKS.find(({ name }) => name === hook)
    if (!spec) return []
    const known = Object.keys(spec.args.properties)
    return args.flatMap((arg, at): Flaw[] =>
      known.includes(arg)
        ? []
        : [[`/answers/${nth}/args/${at}`, `names '${arg}': ${hook} has ${known.join(', ') || 'no arguments'}`]],
    )
  })

const namesOnce: Check = ({ answers = [], tells = [], specs = [], routes = [] }) => [
  ...twice(
    'answers',
    answers.map(({ hook, handler }) => handler ?? hook),
    'give each its own "handler"',
  ),
  ...twice(
    'tells',
    tells.map(({ name }) => name),
  ),
  ...twice(
    'specs',
    specs.map(({ name }) => name),
  ),
  ...twice(
    'routes',
    routes.map(({ method, path }) => `${method} ${path}`),
  ),
]

const twice = (field: string, names: readonly string[], advice = 'leave one of them out'): Flaw[] =>
  names.flatMap((name, nth): Flaw[] =>
    names.indexOf(name) < nth ? [[`/${field}/${nth}`, `says '${name}', which stands there twice: ${advice}`]] : [],
  )

const ownsItsNames: Check = ({ name, tells = [], specs = [] }) => {
  const foreign = (field: string, names: readonly string[]) =>
    names.flatMap((one, nth): Flaw[] =>
      one.startsWith(`${name}.`) ? [] : [[`/${field}/${nth}/name`, `says '${one}': its own begin with '${name}.'`]],
    )
  const kernels: Flaw[] =
    tells.length > 0 && FACT_WORDS.has(name)
      ? [['/name', `says '${name}': what begins with '${name}.' is told by the kernel alone`]]
      : []
  return [
    ...foreign(
      'tells',
      tells.map((one) => one.name),
    ),
    ...foreign(
      'specs',
      specs.map((one) => one.name),
    ),
    ...kernels,
  ]
}

const hasSoundSchemas: Check = ({ tells = [], specs = [], config }) => [
  ...tells.flatMap(({ data }, nth) => tried(`/tells/${nth}/data`, () => objectSchemaFrom(data))),
  ...specs.flatMap((document, nth) => tried(`/specs/${nth}`, () => hookFrom(document))),
  ...(config === undefined ? [] : tried('/config', () => schemaFrom(withoutSecrets(config)))),
]

/** What stands for a setting must be one; a secret is never shown, so that nobody could read what was granted. */
const reachesByItsSettings: Check = ({ permissions = {}, config }) =>
  (['net', 'listen', 'fs'] as const).flatMap((field) =>
    (permissions[field] ?? []).flatMap((name, nth): Flaw[] => {
      const [, key] = /config:(.+)$/.exec(name) ?? []
      const setting = key === undefined ? {} : config?.properties?.[key]
      if (setting && setting.secret !== true) return []
      const why = setting ? 'is a secret, which nobody who grants it could read' : "stands in no line of 'config'"
      return [[`/permissions/${field}/${nth}`, `says '${name}', but '${key}' ${why}`]]
    }),
  )

/** `secret` is a word of ours beside those of the standard. */
const withoutSecrets = (schema: unknown): unknown =>
  JSON.parse(JSON.stringify(schema, (key, value) => (key === 'secret' && value === true ? undefined : value)))

const tried = (field: string, act: () => unknown): Flaw[] => {
  try {
    act()
    return []
  } catch (error) {
    return [[field, (error as Error).message]]
  }
}

/** Two majors would share one place in the ledger. */
const standsBesideInSilence: Check = ({ sideBySide, hears = [] }) =>
  sideBySide && hears.length > 0 ? [['/hears', 'must be empty where the module stands side by side with itself']] : []

const CHECKS: readonly Check[] = [
  (manifest) => rangeFlaws(manifest),
  speaksProtocol,
  needsNotItself,
  hearsWhatThereIs,
  answersWhatThereIs,
  knowsItsArguments,
  namesOnce,
  ownsItsNames,
  hasSoundSchemas,
  reachesByItsSettings,
  standsBesideInSilence,
]
