import { setTimeout as wait } from 'node:timers/promises'
import type { Recorder } from './crashes.ts'
import { type Crash, MOST_CRASHES, patienceAfter } from './patience.ts'
import type { End, Started } from './running.ts'

type Keep<T> = {
  name: string
  start: () => Promise<Started<T>>
  record: Recorder
  say: (line: string, level?: 'warn' | 'error') => void
}

export type Keeper<T> = {
  /** When it is of use for the first time; rejects where its first life ends before. */
  first: Promise<T>
  /** Settles when it was given up: it crashed too often, or said that it cannot run like this. */
  givenUp: Promise<void>
  stop: () => Promise<void>
}

/** What a process ends with that is set up wrongly (78) or that the kernel does not want as it is (65). */
const FINAL_CODES = new Set([65, 78])

/**
 * Keeps a process running: one that ends unasked is started again, alone and ever more patiently, and is left down where it crashes
 * five times in ten minutes. Once `stop` is called nothing is started any more.
 */
export const keep = <T>({ name, start, record, say }: Keep<T>): Keeper<T> => {
  const first = Promise.withResolvers<T>()
  const given = Promise.withResolvers<void>()
  const stopping = new AbortController()
  const crashes: Crash[] = []
  let current: Started<T> | undefined

  const liveOnce = async (): Promise<End> => {
    try {
      current = await start()
    } catch (error) {
      first.reject(error)
      return { how: (error as Error).message }
    }
    if (stopping.signal.aborted) await current.stop()
    const { ready, ended } = current
    ready.then((value) => {
      first.resolve(value)
      if (crashes.length > 0 && !stopping.signal.aborted) say(`${name} is back`)
    }, first.reject)
    return ended
  }

  const live = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const startedMs = Date.now()
      const { how, code } = await liveOnce()
      if (stopping.signal.aborted) return
      const atMs = Date.now()
      crashes.push({ atMs, livedMs: atMs - startedMs })
      record({ name, at: new Date(atMs).toISOString(), livedMs: atMs - startedMs, how })
      if (code !== undefined && FINAL_CODES.has(code)) {
        say(`${name} ${how}, and a new start would change nothing: see its log, then start Recyclique again`, 'error')
        return given.resolve()
      }
      const patience = patienceAfter(crashes, Math.random())
      if (!patience.again) {
        say(
          `${name} ${how}, ${MOST_CRASHES} times in ten minutes: it stays down until you start Recyclique again`,
          'error',
        )
        return given.resolve()
      }
      say(`${name} ${how}: started again`, 'warn')
      await wait(patience.delayMs, undefined, { signal: stopping.signal }).catch(() => {})
    }
  }

  // Nobody may be listening: the failure is also said and recorded.
  first.promise.catch(() => {})
  const lived = live()
  return {
    first: first.promise,
    givenUp: given.promise,
    stop: async () => {
      stopping.abort()
      await current?.stop()
      await lived
    },
  }
}
