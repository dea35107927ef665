import { createHash } from 'node:crypto'

/** What a module's dependencies are installed for. */
export interface EnvironmentOf {
  readonly name: string
  readonly version: string
  /** Library and range, in any order. */
  readonly dependencies: Readonly<Record<string, string>>
}

const HASH_LENGTH = 12

/**
 * The name of the folder for a set of dependencies: the same for the same set in whatever order, another one for another version of
 * the module, another library or another range. So two versions can lie side by side.
 */
export const environmentKey = ({ name, version, dependencies }: EnvironmentOf): string => {
  const sorted = Object.entries(dependencies).sort(([a], [b]) => (a < b ? -1 : 1))
  const hash = createHash('sha256')
    .update(JSON.stringify([name, version, sorted]))
    .digest('hex')
  return `${name}-${version}-${hash.slice(0, HASH_LENGTH)}`
}
