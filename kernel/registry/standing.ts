import type { BlockedVersions, ModuleState } from '@recyclique/contracts'
import type { Read } from '../store/port.ts'

/** What is kept of a module, whether it is there or not. */
export interface Standing {
  readonly name: string
  /** Its age among the modules; undefined until it is let in for the first time. */
  readonly rank: number | undefined
  readonly version: string
  readonly state: ModuleState
  /** Why it is in this state. */
  readonly reason: string
  /** The operator wants it to rest, or forbids its name: why, in the operator's words, which may be none. */
  readonly disabled: string | undefined
  readonly blocked: string | undefined
  /** Versions of it that the operator forbids. */
  readonly blockedVersions: readonly BlockedVersions[]
}

/** Who must be there for a hook (`*`: for the centre), and who may be away. */
export interface Mark {
  readonly hook: string
  readonly module: string
  readonly need: 'required' | 'optional'
}

/** One that nobody has ever heard of. */
export const unheardOf = (name: string): Standing => ({
  ...{ name, rank: undefined, version: '', state: 'discovered', reason: '' },
  ...{ disabled: undefined, blocked: undefined, blockedVersions: [] },
})

interface Kept {
  readonly name: string
  readonly rank: number | null
  readonly version: string
  readonly state: ModuleState
  readonly reason: string
}

interface Order {
  readonly module: string
  readonly wish: 'disable' | 'block'
  readonly reason: string
}

interface VersionsRow {
  readonly module: string
  readonly versions: string
  readonly reason: string
  readonly since: string
  readonly actor: string
}

const VERSIONS = 'SELECT module, versions, reason, since, actor FROM module_versions'

export const allStandings = async (read: Read): Promise<Standing[]> => {
  const kept = await read.all<Kept>('SELECT name, rank, version, state, reason FROM module')
  const orders = await read.all<Order>('SELECT module, wish, reason FROM module_order')
  const versions = await read.all<VersionsRow>(`${VERSIONS} ORDER BY versions`)
  const ordered = [...orders, ...versions].map(({ module }) => module)
  const names = new Set([...kept.map(({ name }) => name), ...ordered])
  return [...names].map((name) =>
    standingFrom(
      name,
      kept.find((row) => row.name === name),
      orders.filter(({ module }) => module === name),
      versions.filter(({ module }) => module === name),
    ),
  )
}

export const standingOf = async (read: Read, name: string): Promise<Standing> =>
  standingFrom(
    name,
    await read.one<Kept>('SELECT name, rank, version, state, reason FROM module WHERE name = ?', name),
    await read.all<Order>('SELECT module, wish, reason FROM module_order WHERE module = ?', name),
    await read.all<VersionsRow>(`${VERSIONS} WHERE module = ? ORDER BY versions`, name),
  )

export const allMarks = (read: Read): Promise<Mark[]> =>
  read.all<Mark>('SELECT hook, module, need FROM module_mark ORDER BY hook, module')

const standingFrom = (
  name: string,
  kept: Kept | undefined,
  orders: readonly Order[],
  versions: readonly VersionsRow[],
): Standing => ({
  ...unheardOf(name),
  ...(kept && { ...kept, rank: kept.rank ?? undefined }),
  disabled: orders.find(({ wish }) => wish === 'disable')?.reason,
  blocked: orders.find(({ wish }) => wish === 'block')?.reason,
  blockedVersions: versions.map(({ versions, reason, since, actor }) => ({
    ...{ versions, by: actor, since },
    ...(reason === '' ? {} : { reason }),
  })),
})
