import { Worker } from 'node:worker_threads'
import type { Read } from './port.ts'
import type { Value } from './table.ts'

export interface SlowReader {
  readonly read: Read
  close(): Promise<void>
}

/** Long reads on a thread of their own. The worker starts with the first question: most tests and tools never ask one. */
export const slowReader = (file: string): SlowReader => {
  let worker: Worker | undefined
  let next = 0
  const waiting = new Map<number, { resolve: (rows: unknown[]) => void; reject: (error: Error) => void }>()

  const start = () => {
    const started = new Worker(new URL('./sqlite-reader.ts', import.meta.url), { workerData: file })
    // After an error comes the exit of the same worker; by then another one may be at work, whose questions must stand.
    const failAll = (error: Error) => {
      if (worker !== started) return
      worker = undefined
      for (const { reject } of waiting.values()) reject(error)
      waiting.clear()
    }
    started.on('message', ({ id, rows, error }: { id: number; rows?: unknown[]; error?: string }) => {
      const one = waiting.get(id)
      waiting.delete(id)
      if (waiting.size === 0) started.unref()
      if (error === undefined) one?.resolve(rows ?? [])
      else one?.reject(new Error(error))
    })
    started.on('error', failAll)
    started.on('exit', () => failAll(new Error('the reader of long questions ended')))
    started.unref()
    return started
  }
  const all = <R>(sql: string, ...values: Value[]): Promise<R[]> =>
    new Promise((resolve, reject) => {
      next += 1
      waiting.set(next, { resolve: resolve as (rows: unknown[]) => void, reject })
      worker ??= start()
      // Only a question that waits keeps the process alive.
      worker.ref()
      worker.postMessage({ id: next, sql, values })
    })
  return {
    read: { all, one: async <R>(sql: string, ...values: Value[]) => (await all<R>(sql, ...values))[0] },
    async close() {
      await worker?.terminate()
    },
  }
}
