import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ROOT } from '../paths.ts'
import { isStartable, type Survey } from '../up/find-modules.ts'
import { type DependencyReport, reportDependencies, wordsOn } from '../workshop/dependencies.ts'
import { librariesOf } from '../workshop/package-flaws.ts'

/** One library as it lies here, for one module or several. */
export interface Library {
  readonly name: string
  readonly version: string
  /** As its own `package.json` says; undefined where it says nothing. */
  readonly licence: string | undefined
  readonly modules: readonly string[]
}

export interface LibraryReport extends DependencyReport {
  /** All that were installed with modules, those that libraries need in turn included. */
  readonly libraries: readonly Library[]
}

/** What modules ask of libraries, whether one version would do for all, and under which licences lie those that are here. */
export const reportLibraries = async ({ there }: Survey): Promise<LibraryReport> => {
  const modules = there.filter(isStartable)
  const asks = await Promise.all(
    modules.map(async ({ name, folder }) => ({ module: name, dependencies: await librariesOf(folder) })),
  )
  const found = new Map<string, Library>()
  for (const { name: module, folder } of modules)
    for (const library of await librariesBelow(folder)) {
      const key = `${library.name} ${library.version}`
      const before = found.get(key)
      found.set(key, { ...library, modules: [...(before?.modules ?? []), module] })
    }
  const libraries = [...found.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
  return { ...reportDependencies(asks), libraries }
}

/** By npm's own list of what it installed: nested ones stand in it as well. A module of the program shares the program's. */
const librariesBelow = async (folder: string): Promise<Omit<Library, 'modules'>[]> => {
  const lock = await readJson(join(folder, 'node_modules', '.package-lock.json'))
  const paths = isRecord(lock?.packages) ? Object.keys(lock.packages) : []
  const own = paths.length > 0 ? { at: folder, paths } : { at: ROOT, paths: await sharedPaths(folder) }
  const found = await Promise.all(own.paths.map((path) => libraryAt(join(own.at, path))))
  return found.filter((one) => one !== undefined)
}

const sharedPaths = async (folder: string): Promise<string[]> =>
  Object.keys(await librariesOf(folder)).map((name) => join('node_modules', name))

const libraryAt = async (folder: string): Promise<Omit<Library, 'modules'> | undefined> => {
  const said = await readJson(join(folder, 'package.json'))
  if (typeof said?.name !== 'string') return undefined
  const { name, version, license } = said
  // Old packages say it as { type, url }.
  const licence = isRecord(license) ? license.type : license
  return { name, version: String(version ?? '?'), licence: typeof licence === 'string' ? licence : undefined }
}

const readJson = async (file: string): Promise<Record<string, unknown> | undefined> => {
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'))
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The same for a person. */
export const wordsOnLibraries = ({ shared, conflicts, unreadable, libraries }: LibraryReport): string[] => {
  const union = Object.entries(shared)
  if (union.length + conflicts.length + unreadable.length === 0) return ['No module asks for a library of its own.']
  return [
    ...section(
      'What modules ask for, each in a range that suits all who ask:',
      union.map(([name, range]) => `${name.padEnd(28)} ${range}`),
    ),
    ...section('No one version would do; each module has its own, and nothing is wrong:', conflicts.map(wordsOn)),
    ...section('No range of versions:', unreadable.map(wordsOn)),
    ...section('Licences of what lies here:', byLicence(libraries)),
  ]
}

const section = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`), '']

const byLicence = (libraries: readonly Library[]): string[] => {
  const groups = Map.groupBy(libraries, ({ licence }) => licence ?? 'NOT STATED')
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([licence, all]) => `${licence.padEnd(16)} ${all.map(({ name, version }) => `${name} ${version}`).join(', ')}`)
}
