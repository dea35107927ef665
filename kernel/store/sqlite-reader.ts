import { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import type { Value } from './table.ts'

/** The other side of `slowRead`: a thread with a read-only connection that answers one question after the other. */
const db = new DatabaseSync(workerData as string, { readOnly: true })
db.exec('PRAGMA busy_timeout=5000; PRAGMA cache_size=-4000')

parentPort?.on('message', ({ id, sql, values }: { id: number; sql: string; values: Value[] }) => {
  try {
    parentPort?.postMessage({ id, rows: db.prepare(sql).all(...values) })
  } catch (error) {
    parentPort?.postMessage({ id, error: (error as Error).message })
  }
})
