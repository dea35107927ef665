import { setTimeout as wait } from 'node:timers/promises'
import { type Quarantine, quarantineWords, type Recorder } from './crashes.ts'
import { type Crash, MOST_CRASHES, patienceAfter } from './patience.ts'
import { type End, type Started, within } from './running.ts'

type Keep<T> = {
  name: string
  start: () => Promise<Started<T>>
  record: Recorder
  say: (line: string, level?: 'warn' | 'error') => void
  /** Crashes of earlier runs that still count. */
  past?: readonly Crash[]
  /** It is in quarantine: nothing is started until `release`. */
  quarantine?: Quarantine | undefined
  /** One that only a new start of everything brings back has no quarantine to be released from. */
  isReleasable?: boolean
  /** Somebody else starts things again: here it is only watched. */
  isOnlyWatched?: boolean
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
  /** Starts one that was given up, with everything forgiven; nothing for one that runs. */
  release: () => void
  stop: () => Promise<void>
}

/** It is not started: see the words. */
export class InQuarantine extends Error {}

/** What a process ends with that is set up wrongly (78) or that the kernel does not want as it is (65). */
const FINAL_CODES = new Set([65, 78])

/** A new process that is not of use by then will hardly ever be, and whoever mends it wants to know. */
const RENEWED_WITHIN_MS = 15_000

/** Whether a new start would change nothing. */
export const isFinal = (code: number | undefined): boolean => code !== undefined && FINAL_CODES.has(code)

type Down = 'watched' | 'final' | 'too-often' | 'quarantine'

/** What a person reads behind the name of one that stays down, and how it ended. */
const DOWN: Readonly<Record<Down, (name: string) => string>> = {
  watched: () => ': nothing is started again here (--no-supervise)',
  final: () => ', and a new start would change nothing: see its log, then start Recyclique again',
  'too-often': () => `, ${MOST_CRASHES} times in ten minutes: it stays down until you start Recyclique again`,
  quarantine: (name) =>
    `, ${MOST_CRASHES} times in ten minutes: it is in quarantine. Mend it, then type \`npx recyclique modules release ${name}\``,
}

type Ended = { crashes: readonly Crash[]; code: number | undefined; isReleasable: boolean; isOnlyWatched: boolean }
type Next = { what: 'again'; delayMs: number } | { what: Down }

const afterCrash = ({ crashes, code, isReleasable, isOnlyWatched }: Ended): Next => {
  if (isOnlyWatched) return { what: 'watched' }
  if (isFinal(code)) return { what: 'final' }
  const patience = patienceAfter(crashes, Math.random())
  if (patience.again) return { what: 'again', delayMs: patience.delayMs }
  return { what: isReleasable ? 'quarantine' : 'too-often' }
}

/**
 * Keeps a process running: one that ends unasked is started again, alone and ever more patiently, and is left down where it crashes
 * five times in ten minutes, in whichever run of Recyclique. Once `stop` is called nothing is started any more.
 */
export const keep = <T>(kept: Keep<T>): Keeper<T> => {
  const { name, start, record, say, past = [], quarantine, isReleasable = false, isOnlyWatched = false } = kept
  const first = Promise.withResolvers<T>()
  const given = Promise.withResolvers<void>()
  const stopping = new AbortController()
  const crashes: Crash[] = [...past]
  /** The process that counts. */
  let current: Started<T> | undefined
  let isUp = false
  let isOver = false
  let wasAway = false
  /** One that is to take the place: on its way there, and there while nobody runs. */
  let coming: Started<T> | undefined
  let heir: Started<T> | undefined
  /** Settles once the one that is coming has taken the place, or has not. */
  let decided: Promise<void> | undefined
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
      if (wasAway && !stopping.signal.aborted) say(`${name} is back`)
    }, first.reject)
    const end = await endOfLife(current)
    isUp = false
    return end
  }

  /** A process that another one has taken the place of may end: the life goes on. */
  const endOfLife = async (running: Started<T>): Promise<End> => {
    const end = await running.ended
    // Whoever ends in order while another one comes was asked to make room: that is no crash.
    if (end.code === 0) await decided
    return current === running || current === undefined ? end : endOfLife(current)
  }

  const renew = async (withinMs = RENEWED_WITHIN_MS): Promise<void> => {
    if (stopping.signal.aborted) return
    const next = await start()
    if (stopping.signal.aborted) return next.stop()
    coming = next
    const decision = Promise.withResolvers<void>()
    decided = decision.promise
    let old: Started<T> | undefined
    try {
      await within(next.ready, withinMs)
      if (stopping.signal.aborted) return await next.stop()
      if (isUp) {
        old = current
        current = next
      } else heir = next
    } catch (error) {
      await next.stop()
      throw error
    } finally {
      coming = undefined
      decided = undefined
      decision.resolve()
    }
    if (!heir) return old?.stop()
    if (isOver) liveAnew('renewed')
    else wake.abort()
  }

  const liveAnew = (lifted: string) => {
    record({ name, at: new Date().toISOString(), lifted })
    crashes.length = 0
    lived = live()
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
      wasAway = true
      crashes.push({ atMs, livedMs: atMs - startedMs })
      const crash = { name, at: new Date(atMs).toISOString(), livedMs: atMs - startedMs, how }
      const next = afterCrash({ crashes, code, isReleasable, isOnlyWatched })
      record(next.what === 'quarantine' ? { ...crash, isLast: true } : crash)
      if (next.what !== 'again') {
        say(`${name} ${how}${DOWN[next.what](name)}`, 'error')
        return given.resolve()
      }
      say(`${name} ${how}: started again`, 'warn')
      wake = new AbortController()
      await wait(next.delayMs, undefined, { signal: AbortSignal.any([stopping.signal, wake.signal]) }).catch(() => {})
    }
  }

  // Nobody may be listening: the failure is also said and recorded.
  first.promise.catch(() => {})
  const stayDown = async () => {
    isOver = true
    first.reject(new InQuarantine(quarantine && quarantineWords(quarantine)))
    given.resolve()
  }
  let lived = quarantine ? stayDown() : live()
  return {
    first: first.promise,
    givenUp: given.promise,
    renew,
    release: () => {
      if (isOver && !stopping.signal.aborted) liveAnew('released')
    },
    stop: async () => {
      stopping.abort()
      await Promise.all([coming?.stop(), heir?.stop(), current?.stop()])
      await lived
    },
  }
}
