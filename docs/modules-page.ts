import { globSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { configFields, Manifest, parseJson } from '@recyclique/contracts'

/** `docs/modules.md`: every module that comes along, as its own manifest says it. */
export const modulesPage = (): string => {
  const manifests = globSync('modules/*/manifest.json', { cwd: new URL('../', import.meta.url) })
    .sort()
    .map((file) => ({ folder: dirname(file), manifest: readManifest(file) }))
  return `# The modules that come along

Made by \`npm run docs\` from \`modules/*/manifest.json\`; a test keeps it true. How a module is switched on, added and upgraded:
[operator.md](operator.md); how one is written: [author.md](author.md).

| module | version | runs | what it is |
| --- | --- | --- | --- |
${manifests.map(({ manifest }) => overviewOf(manifest)).join('\n')}

${manifests.map(({ folder, manifest }) => sectionOf(folder, manifest)).join('\n\n')}
`
}

const readManifest = (file: string): Manifest =>
  parseJson(Manifest, readFileSync(new URL(`../${file}`, import.meta.url), 'utf8'), file)

const overviewOf = ({ name, version, isOptIn, description }: Manifest): string =>
  `| [${name}](#${name}) | ${version} | ${isOptIn ? 'where it is named' : 'unless it is switched off'} | ${cell(description)} |`

const sectionOf = (folder: string, manifest: Manifest): string => `## ${manifest.name}

${manifest.description} [How it works](../${folder}/README.md).

| | |
| --- | --- |
${rowsOf(manifest)
  .map(([word, said]) => `| ${word} | ${said.length > 0 ? said.join('<br>') : 'nothing'} |`)
  .join('\n')}${configOf(manifest)}`

/** What every module says, also where it is nothing; then what only some have. */
const rowsOf = (manifest: Manifest): [word: string, said: readonly string[]][] => {
  const { answers = [], hears = [], tells = [], asks = [], specs = [], permissions = {} } = manifest
  const { routes = [], pages = [], commands = [], tools = [], jobs = [], keeps = false } = manifest
  const sometimes: [word: string, said: readonly string[]][] = [
    ['asks', asks.map(code)],
    ['brings the questions', specs.map(({ name, words }) => described(code(name), words))],
    ['routes', routes.map(({ method, path }) => code(`${method} /m/${manifest.name}${path}`))],
    ['pages', pages.map(({ path, title }) => `${code(`/m/${manifest.name}${path}`)} ${cell(title)}`)],
    ['commands', commands.map((one) => described(code(typed(manifest.name, one)), one.description))],
    ['tools', tools.map(({ name, isReadOnly, description }) => described(code(name), description, isReadOnly))],
    ['jobs', jobs.map(({ name, cron, description }) => described(code(name), description ?? cron))],
    ['keeps', keeps ? ['keys and values with the kernel'] : []],
    ['uses of the kernel', (permissions.api ?? []).map(code)],
    ['reaches', (permissions.net ?? []).map(code)],
    ['listens on', (permissions.listen ?? []).map(code)],
    ['reads and writes', (permissions.fs ?? []).map(code)],
    ['runs', (permissions.runs ?? []).map(code)],
    ['requires', Object.entries(manifest.requires ?? {}).map(([name, range]) => code(`${name} ${range}`))],
    ['conflicts with', Object.entries(manifest.conflicts ?? {}).map(([name, range]) => code(`${name} ${range}`))],
  ]
  return [
    ['hears', hears.map(code)],
    ['answers', answers.map(({ hook, isWrapper }) => `${code(hook)}${isWrapper ? ' (around the others)' : ''}`)],
    ['tells', tells.map(({ name, version, description }) => described(`${code(name)} ${version}`, description))],
    ...sometimes.filter(([, said]) => said.length > 0),
  ]
}

type Command = NonNullable<Manifest['commands']>[number]

const typed = (module: string, { name, args = [], options = [] }: Command): string =>
  [
    ...['recyclique', module, name],
    ...args.map((one) => (one.isOptional ? `[${one.name}]` : `<${one.name}>`)),
    ...options.map((one) => (one.value === undefined ? `[--${one.name}]` : `[--${one.name} <${one.value}>]`)),
  ].join(' ')

const described = (what: string, words: string | undefined, isReadOnly?: boolean): string =>
  `${what}${isReadOnly ? ' (only reads)' : ''}${words === undefined ? '' : `: ${cell(words)}`}`

const configOf = ({ name, config }: Manifest): string => {
  const fields = [...configFields(config).fields.values()]
  if (fields.length === 0) return ''
  const lines = fields.map(
    ({ key, fallback, isSecret, isRequired, description = '' }) =>
      `| ${code(key)} | ${defaultOf({ fallback, isSecret, isRequired })} | ${cell(description)} |`,
  )
  return `

Set by \`recyclique config set ${name} <key> <value>\`, or under \`config\` in \`recyclique.yaml\`:

| setting | unless said | |
| --- | --- | --- |
${lines.join('\n')}`
}

type Default = { readonly fallback: unknown; readonly isSecret: boolean; readonly isRequired: boolean }

const defaultOf = ({ fallback, isSecret, isRequired }: Default): string => {
  if (fallback !== undefined) return code(JSON.stringify(fallback))
  return `${isRequired ? 'must be set' : 'not set'}${isSecret ? ', as a reference: it is a secret' : ''}`
}

const code = (word: string): string => `\`${word.replaceAll('|', '\\|')}\``

/** Nothing in a cell may end it, or the line. */
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ').trim()
