import type { DatabaseSync, StatementSync } from 'node:sqlite'

/** Preparing costs more than running, and the texts are few: each is prepared once per connection. */
export const statementsOn = (db: DatabaseSync): ((sql: string) => StatementSync) => {
  const known = new Map<string, StatementSync>()
  return (sql) => {
    let statement = known.get(sql)
    if (!statement) {
      statement = db.prepare(sql)
      known.set(sql, statement)
    }
    return statement
  }
}
