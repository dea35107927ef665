import { dirname, resolve } from 'node:path'
import type { DatabaseSync as Database } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { lock } from './lock.ts'
import type { Refuse } from './refusals.ts'

type Authorizer = Parameters<Database['setAuthorizer']>[0]

/** SQLite opens files by itself, and Node's own limits do not reach there: the same files that `node:fs` may have, and no others. */
export const guardSqlite = (refuse: Refuse): void => {
  // Not imported: what an import gives is settled at the first one, and nothing brings it up to date for this part of the runtime.
  const sqlite = process.getBuiltinModule('node:sqlite')
  const { DatabaseSync, backup, constants } = sqlite
  const { open, setAuthorizer } = DatabaseSync.prototype
  const check = checker(refuse)

  /** Another file comes in by ATTACH alone, also for VACUUM INTO. One whose name is not written there is known too late. */
  const attaches = (action: number, file: string | null): number => {
    if (action !== constants.SQLITE_ATTACH) return constants.SQLITE_OK
    try {
      check(file)
      return constants.SQLITE_OK
    } catch {
      return constants.SQLITE_DENY
    }
  }
  const watch = (db: Database, own: Authorizer = null): void =>
    Reflect.apply(setAuthorizer, db, [
      (action: number, file: string | null, ...rest: [string | null, string | null, string | null]) =>
        attaches(action, file) || own?.(action, file, ...rest) || constants.SQLITE_OK,
    ])

  lock(DatabaseSync.prototype, 'setAuthorizer', function (this: Database, own: Authorizer) {
    watch(this, own)
  })
  lock(DatabaseSync.prototype, 'open', function (this: Database) {
    Reflect.apply(open, this, [])
    watch(this)
  })
  const Guarded = new Proxy(DatabaseSync, {
    construct(target, args, by) {
      const [file, { readOnly = false, open: isOpened = true } = {}] = args as ConstructorParameters<
        typeof DatabaseSync
      >
      check(file, readOnly)
      const db = Reflect.construct(target, args, by) as Database
      if (isOpened) watch(db)
      return db
    },
  })
  lock(DatabaseSync.prototype, 'constructor', Guarded)
  Reflect.set(sqlite, 'DatabaseSync', Guarded)
  Reflect.set(sqlite, 'backup', (db: Database, file: string, ...rest: []) => {
    check(file)
    return backup(db, file, ...rest)
  })
}

/** Throws for a file that the module may not have. */
const checker = (refuse: Refuse) => {
  // Kept: what the module puts in their place later counts for nothing here.
  const has = process.permission?.has.bind(process.permission) ?? (() => true)
  return (file: unknown, isReadOnly = false): void => {
    if (file === ':memory:' || file === '') return
    const path = pathOf(file)
    if (path === undefined) throw refuse({ may: `open the database ${String(file)}: write its whole path` })
    // A database's journals stand beside it.
    if (!has('fs.read', path)) throw refuse({ may: `read ${path}`, right: `fs:read:${path}` })
    if (!isReadOnly && !has('fs.write', path)) throw refuse({ may: `write ${path}`, right: `fs:${dirname(path)}` })
  }
}

/** Undefined where nobody can say which file is meant. */
const pathOf = (file: unknown): string | undefined => {
  const text = file instanceof Uint8Array ? Buffer.from(file).toString() : file
  try {
    if (text instanceof URL || (typeof text === 'string' && text.startsWith('file:')))
      return fileURLToPath(new URL(text))
    return typeof text === 'string' ? resolve(text) : undefined
  } catch {
    return undefined
  }
}
