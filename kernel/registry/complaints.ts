import type { Log } from '../bus/port.ts'
import type { Roster } from './roster.ts'

interface Parts {
  readonly roster: Roster
  readonly settle: (name: string) => void
  readonly now: () => Date
  readonly log: Log
}

/** As long as this after the last time it counts as what the module does now. */
const HOLDS_MS = 30_000
/** A flood of messages makes no flood of log lines: one at the start, and then how many there were. */
const SAID_EVERY_MS = 10_000

/** Of one module; more are more of the same. */
const MOST_KINDS = 20

interface Complaint {
  lastAt: number
  saidAt: number
  /** Since it was said last. */
  count: number
  isShown: boolean
}

/** What modules do wrong on the wire, by name: shown with the module while it lasts, and in the log. */
export const openComplaints = ({ roster, settle, now, log }: Parts) => {
  const books = new Map<string, Map<string, Complaint>>()

  const show = (module: string) => {
    const shown = [...(books.get(module) ?? [])].filter(([, { isShown }]) => isShown)
    roster.familyOf(module).complaints = shown.map(([words]) => words)
    settle(module)
  }

  const write = (module: string, words: string, details: string): boolean => {
    const at = now().getTime()
    const book = books.get(module) ?? new Map<string, Complaint>()
    books.set(module, book)
    const known = book.get(words)
    if (!known && book.size >= MOST_KINDS) return false
    const one = known ?? { lastAt: at, saidAt: Number.NEGATIVE_INFINITY, count: 0, isShown: false }
    one.lastAt = at
    one.count += 1
    book.set(words, one)
    if (at - one.saidAt >= SAID_EVERY_MS) {
      log.warn({ module, count: one.count, ...(details === '' ? {} : { details }) }, `${module}: ${words}`)
      Object.assign(one, { saidAt: at, count: 0 })
    }
    return true
  }

  return {
    /** Shown with the module as well. */
    note(module: string, words: string, details = '') {
      const isKept = write(module, words, details)
      const one = books.get(module)?.get(words)
      if (!isKept || !one || one.isShown) return
      one.isShown = true
      show(module)
    },
    /** For the log only. */
    log: (module: string, words: string, details = '') => void write(module, words, details),
    /** Forgets what a module does no more. */
    fade() {
      const before = now().getTime() - HOLDS_MS
      for (const [module, book] of books) {
        const over = [...book].filter(([, { lastAt }]) => lastAt < before)
        for (const [words] of over) book.delete(words)
        if (book.size === 0) books.delete(module)
        if (over.some(([, { isShown }]) => isShown)) show(module)
      }
    },
  }
}

export type Complaints = ReturnType<typeof openComplaints>
