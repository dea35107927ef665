import { commonRange, isRange } from './ranges.ts'

/** What a module asks of libraries: name and range. */
export interface Asks {
  readonly module: string
  readonly dependencies: Readonly<Record<string, string>>
}

/** Modules that cannot share one version of a library. Each runs with its own: this is information, no failure. */
export interface Conflict {
  readonly library: string
  readonly asked: readonly { readonly module: string; readonly range: string }[]
}

export interface DependencyReport {
  /** One statement for each library that one version will do for, by library. */
  readonly shared: Readonly<Record<string, string>>
  readonly conflicts: readonly Conflict[]
  /** What is no range of versions (a folder, an address): it is left as it is. */
  readonly unreadable: readonly Conflict[]
}

/** The union of what modules ask for: ranges that overlap are one statement, those that do not are named with their modules. */
export const reportDependencies = (asks: readonly Asks[]): DependencyReport => {
  const shared: Record<string, string> = {}
  const conflicts: Conflict[] = []
  const unreadable: Conflict[] = []
  for (const one of byLibrary(asks)) {
    const ranges = one.asked.map(({ range }) => range)
    if (!ranges.every(isRange)) unreadable.push(one)
    else {
      const common = commonRange(ranges)
      if (common === undefined) conflicts.push(one)
      else shared[one.library] = common
    }
  }
  return { shared, conflicts, unreadable }
}

/** A conflict in words: the library, and who wants what of it. */
export const wordsOn = ({ library, asked }: Conflict): string =>
  `${library}: ${asked.map(({ module, range }) => `${module} wants ${range}`).join(', ')}`

const byLibrary = (asks: readonly Asks[]): Conflict[] => {
  const libraries = new Map<string, { module: string; range: string }[]>()
  for (const { module, dependencies } of asks)
    for (const [library, range] of Object.entries(dependencies))
      libraries.set(library, [...(libraries.get(library) ?? []), { module, range }])
  return [...libraries].sort(([a], [b]) => (a < b ? -1 : 1)).map(([library, asked]) => ({ library, asked }))
}
