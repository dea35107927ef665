import { setTimeout as wait } from 'node:timers/promises'
import type { Recorder } from './crashes.ts'
import { type Crash, MOST_CRASHES, patienceAfter } from './patience.ts'
import { type End, type Started, within } from './running.ts'

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
  /**
   * Puts a new process in the place of the one that runs: the old one goes once the new one is of use. Rejects where the new one does
   * not come so far in time, and the old one goes on.
   */
  renew: (withinMs?: number) => Promise<void>
  stop: () => Promise<void>
}

/** What a process ends with that is set up wrongly (78) or that the kernel does not want as it is (65). */
const FINAL_CODES = new Set([65, 78])

/** A new process that is not of use by then will hardly ever be, and whoever mends it wants to know. */
const RENEWED_WITHIN_MS = 15_000

/** Whether a new start would change nothing. */
export const isFinal = (code: number | undefined): boolean => code !== undefined && FINAL_CODES.has(code)

/**
 * Keeps a process running: one that ends unasked is started again, alone and ever more patiently, and is left down where it crashes
 * five times in ten minutes. Once `stop` is called nothing is started any more.
 */
export const keep = <T>({ name, start, record, say }: Keep<T>): Keeper<T> => {
  const first = Promise.withResolvers<T>()
  const given = Promise.withResolvers<void>()
  const stopping = new AbortController()
  const crashes: Crash[] = []
  /** The process that counts. */
  let current: Started<T> | undefined
  let isUp = false
  let isOver = false
  /** One that is to take the place: on its way there, and there while nobody runs. */
  let coming: Started<T> | undefined
  let heir: Started<T> | undefined
  let wake = new AbortController()

  const liveOnce = async (): Promise<End> => {
    try {
      const begun = heir ?? (await start())
      if (heir && begun !== heir) await begun.stop()
      current = heir ?? begun
      heir = undefined
    } catch (error) {
      first.reject(error)
      return { how: (error as Error).message }
    }
    isUp = true
    if (stopping.signal.aborted) await current.stop()
    current.ready.then((value) => {
      first.resolve(value)
      if (crashes.length > 0 && !stopping.signal.aborted) say(`${name} is back`)
    }, first.reject)
    const end = await endOfLife(current)
    isUp = false
    return end
  }

  /** A process that another one has taken the place of may end: the life goes on. */
  const endOfLife = async (running: Started<T>): Promise<End> => {
    const end = await running.ended
    return current === running || current === undefined ? end : endOfLife(current)
  }

  const renew = async (withinMs = RENEWED_WITHIN_MS): Promise<void> => {
    if (stopping.signal.aborted) return
    const next = await start()
    if (stopping.signal.aborted) return next.stop()
    coming = next
    try {
      await within(next.ready, withinMs)
    } catch (error) {
      await next.stop()
      throw error
    } finally {
      coming = undefined
    }
    if (stopping.signal.aborted) return next.stop()
    if (isUp) {
      const old = current
      current = next
      return old?.stop()
    }
    heir = next
    if (isOver) {
      crashes.length = 0
      lived = live()
    } else wake.abort()
  }

  const live = async (): Promise<void> => {
    isOver = false
    await lives()
    isOver = true
  }

  const lives = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const startedMs = Date.now()
      const { how, code } = await liveOnce()
      if (stopping.signal.aborted) return
      const atMs = Date.now()
      crashes.push({ atMs, livedMs: atMs - startedMs })
      record({ name, at: new Date(atMs).toISOString(), livedMs: atMs - startedMs, how })
      if (isFinal(code)) {
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
      wake = new AbortController()
      await wait(patience.delayMs, undefined, { signal: AbortSignal.any([stopping.signal, wake.signal]) }).catch(
        () => {},
      )
    }
  }

  // Nobody may be listening: the failure is also said and recorded.
  first.promise.catch(() => {})
  let lived = live()
  return {
    first: first.promise,
    givenUp: given.promise,
    renew,
    stop: async () => {
      stopping.abort()
      await Promise.all([coming?.stop(), heir?.stop(), current?.stop()])
      await lived
    },
  }
}
