import type { Manifest } from '@recyclique/contracts'

/** What a module can do by its manifest, each thing in words that an operator reads before saying yes. */
export const abilitiesOf = (manifest: Manifest): string[] => {
  const { hears = [], hearsTraining, tells = [], answers = [], asks = [], specs = [], routes = [] } = manifest
  const { pages = [], commands = [], tools = [], permissions = {} } = manifest
  return [
    ...hears.map((fact) => `hears the fact ${fact}`),
    ...(hearsTraining ? ['hears what is done in training'] : []),
    ...tells.map(({ name }) => `tells the fact ${name}`),
    ...answers.map(({ hook, isWrapper }) => `${isWrapper ? 'stands around' : 'answers'} the question ${hook}`),
    ...asks.map((hook) => `asks the question ${hook}`),
    ...specs.map(({ name }) => `offers the question ${name}`),
    ...routes.map(({ method, path }) => `answers ${method} /m/${manifest.name}${path}`),
    ...some(pages, 'shows pages'),
    ...some(commands, 'adds commands'),
    ...some(tools, 'offers tools'),
    ...Object.entries(permissions as Record<string, readonly string[]>).flatMap(([kind, names]) =>
      names.map((name) => `${PERMISSIONS[kind] ?? `is let to ${kind}`} ${name}`),
    ),
  ]
}

/** What the new version can do and the old one could not. */
export const growthOf = (before: Manifest, after: Manifest): string[] => {
  const known = new Set(abilitiesOf(before))
  return abilitiesOf(after).filter((ability) => !known.has(ability))
}

const PERMISSIONS: Readonly<Record<string, string>> = {
  net: 'reaches on the network',
  fs: 'reads and writes in',
}

const some = (list: readonly unknown[], words: string): string[] => (list.length > 0 ? [words] : [])
