import type { Read } from '../store/port.ts'

/** What was decided about one right: since when, by whom, and in which words. */
export interface Permission {
  readonly decision: 'granted' | 'withheld'
  readonly since: string
  readonly by: string
  readonly reason: string
}

/** What was decided about one module. */
export interface Permissions {
  /** Somebody decided something: what the module asks for beyond that is growth. */
  readonly isDecided: boolean
  readonly rights: ReadonlyMap<string, Permission>
}

export const UNDECIDED: Permissions = { isDecided: false, rights: new Map() }

interface Row {
  readonly module: string
  readonly name: string
  readonly decision: Permission['decision']
  readonly since: string
  readonly actor: string
  readonly reason: string
}

const COLUMNS = 'module, name, decision, since, actor, reason'

export const allPermissions = async (read: Read): Promise<Map<string, Permissions>> => {
  const decided = await read.all<{ module: string }>('SELECT module FROM module_permitted')
  const rows = await read.all<Row>(`SELECT ${COLUMNS} FROM module_right ORDER BY module, name`)
  const rowsOf = Map.groupBy(rows, ({ module }) => module)
  return new Map(decided.map(({ module }) => [module, { isDecided: true, rights: rightsIn(rowsOf.get(module) ?? []) }]))
}

export const permissionsOf = async (read: Read, module: string): Promise<Permissions> => {
  const decided = await read.one('SELECT module FROM module_permitted WHERE module = ?', module)
  const rows = await read.all<Row>(`SELECT ${COLUMNS} FROM module_right WHERE module = ? ORDER BY name`, module)
  return { isDecided: decided !== undefined, rights: rightsIn(rows) }
}

const rightsIn = (rows: readonly Row[]): Map<string, Permission> =>
  new Map(rows.map(({ name, decision, since, actor, reason }) => [name, { decision, since, by: actor, reason }]))
