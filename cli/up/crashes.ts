import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { type Crash, WINDOW_MS } from './patience.ts'

/** One crash as it is kept for whoever looks into it later. `isLast`: it was one too many, and the name went into quarantine. */
export type CrashEntry = { name: string; at: string; livedMs: number; how: string; isLast?: true }

/** A quarantine ended, and why: what was before is forgiven. */
export type LiftEntry = { name: string; at: string; lifted: string }

export type HistoryEntry = CrashEntry | LiftEntry

export type Recorder = (entry: HistoryEntry) => void

/** Somebody who stays down until a person has looked: since when, and how the last life ended. */
export type Quarantine = { name: string; since: string; how: string }

const KEPT = 200

/** Appends to a file of the last 200, over restarts of Recyclique. That it cannot be written is no reason not to start again. */
export const recordTo =
  (file: string): Recorder =>
  (entry) => {
    try {
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
      // Whole or not at all: a start that finds half a file would forget who is in quarantine.
      writeFileSync(`${file}.new`, `${JSON.stringify([...historyIn(file), entry].slice(-KEPT), null, 2)}\n`)
      renameSync(`${file}.new`, file)
    } catch {
      // The log has it as well.
    }
  }

/** The history, oldest first; nothing where there is none, or where somebody damaged it. */
export const historyIn = (file: string): HistoryEntry[] => {
  try {
    const entries: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return Array.isArray(entries) ? entries.filter(isEntry) : []
  } catch {
    return []
  }
}

const isEntry = (entry: unknown): entry is HistoryEntry => {
  const { name, at, livedMs, how, lifted } = (entry ?? {}) as Record<string, unknown>
  const isDated = typeof name === 'string' && typeof at === 'string' && !Number.isNaN(Date.parse(at))
  return isDated && (typeof lifted === 'string' || (typeof livedMs === 'number' && typeof how === 'string'))
}

export const isCrash = (entry: HistoryEntry): entry is CrashEntry => 'how' in entry

/** The crashes of one name that still count, as `patienceAfter` wants them: a quarantine that ended forgives those before it. */
export const pastOf = (history: readonly HistoryEntry[], name: string, nowMs: number): Crash[] => {
  const own = history.filter((entry) => entry.name === name)
  return own
    .slice(own.findLastIndex((entry) => !isCrash(entry)) + 1)
    .filter(isCrash)
    .map(({ at, livedMs }) => ({ atMs: Date.parse(at), livedMs }))
    .filter(({ atMs }) => nowMs - atMs < WINDOW_MS)
}

/** Who is in quarantine. */
export const quarantinesIn = (history: readonly HistoryEntry[]): Quarantine[] => {
  const last = new Map(history.map((entry) => [entry.name, entry]))
  return [...last.values()]
    .filter((entry) => isCrash(entry) && entry.isLast === true)
    .map((entry) => ({ name: entry.name, since: entry.at, how: (entry as CrashEntry).how }))
}

/** A start that comes later than the crashes count is a start that somebody wants: it tries again. */
export const hasLapsed = ({ since }: Quarantine, nowMs: number): boolean => nowMs - Date.parse(since) >= WINDOW_MS

/** What a person reads of a quarantine, and the way out. */
export const quarantineWords = ({ name, since, how }: Quarantine): string =>
  `in quarantine since ${wallClock(since)}: it crashed five times in ten minutes (the last time it ${how}). Mend it, then type \`npx recyclique modules release ${name}\`.`

/** An instant as `2026-03-02 18:05`, by the clock on the wall. */
export const wallClock = (instant: string): string => {
  const at = new Date(instant)
  const two = (part: number) => String(part).padStart(2, '0')
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}`
}
