import { begunRecord } from './begin.ts'
import { inEuros } from './cents.ts'
import { type Closing, codesIn, type Entry, entryOf, TooOld } from './entry.ts'
import { entriesOf, isSame, linesOf } from './look-up.ts'
import { type DoneRecord, type OpenRecord, reopened } from './record.ts'
import { type Held, Overtaken } from './records.ts'
import { referenceOf } from './reference.ts'
import { ON_WORD, type SyncParts, tellChange } from './sync.ts'
import { labelsIn, yearBegins, yearOf, yearsIn } from './years.ts'

/** What a person can have done, beside what happens by itself. */
export interface DeskParts extends SyncParts {
  readonly closings: { since(day: string): AsyncGenerator<{ position: number; closing: Closing }> }
  readonly prefix: () => string
  /** Something is due. */
  readonly wake: () => void
}

/** Told before it is kept, under a key of its own: so it is told once, whatever dies in between. False where it is known already. */
export const beginOne = async (parts: DeskParts, record: OpenRecord): Promise<boolean> => {
  const { open, done } = await findIn(parts, record)
  if (open || done) return false
  await tellChange(parts, record)
  return parts.records.begin(record)
}

/** A session by its id, or by the reference of its entry. */
export interface Found {
  readonly open: Held | undefined
  readonly done: DoneRecord | undefined
}

export const findSession = async ({ records }: DeskParts, wanted: string): Promise<Found> => {
  const isWanted = (one: { sessionId: string; reference: string }) =>
    one.sessionId === wanted || one.reference === wanted
  const open = (await records.open()).find(({ record }) => isWanted(record))
  if (open) return { open, done: undefined }
  for (const day of await records.doneDays()) {
    const done = (await records.doneOn(day)).find(isWanted)
    if (done) return { open: undefined, done }
  }
  return { open: undefined, done: undefined }
}

/**
 * Tries one again now, whatever its state. It keeps its state until the try has solved it. Said anew where somebody was at it this very moment: that
 * one may have looked before whoever asks had mended anything.
 */
export const retry = async (parts: Pick<DeskParts, 'records' | 'now' | 'wake'>, held: Held): Promise<void> => {
  const { records, now, wake } = parts
  const isKept = await records.change(held, { nextAt: now().toISOString() }).then(() => true, unlessOvertaken)
  const changed = isKept ? undefined : await records.read(held.record.sessionId)
  if (changed) return retry(parts, changed)
  wake()
}

/** Tries all again that wait for anything. Gives how many. */
export const retryAll = async (
  parts: DeskParts,
  isWanted: (record: OpenRecord) => boolean = () => true,
): Promise<number> => {
  const wanted = (await parts.records.open()).filter(({ record }) => isWanted(record))
  for (const held of wanted) await retry(parts, held)
  return wanted.length
}

/** After a change of the settings all that does not wait for a person's word. */
export const retryUnderNewSettings = (parts: DeskParts): Promise<number> =>
  retryAll(parts, ({ code }) => !ON_WORD.includes(code))

/**
 * Links members to the entry of a session; at the next try, and again until it is done. False for a session that nobody knows here. It is looked for
 * anew where somebody was at it this very moment.
 */
export const link = async (parts: DeskParts, session: string, members: readonly number[]): Promise<boolean> => {
  const { open, done } = await findSession(parts, session)
  const nextAt = parts.now().toISOString()
  if (open) {
    const isKept = await parts.records.change(open, { members, nextAt }).then(() => true, unlessOvertaken)
    if (!isKept) return link(parts, session, members)
  } else {
    const closing = done && (await parts.closingAt(done.position))
    if (!done || !closing) return false
    await parts.records.reopen({ ...reopened(done, closing, nextAt), members })
  }
  parts.wake()
  return true
}

/** What `resync` did, or would do. */
export interface Resynced {
  readonly begun: readonly string[]
  readonly again: readonly string[]
}

/** Every close since that day is looked for in Paheko, and sent where it is not there; also those from before this module was there. */
export const resync = async (parts: DeskParts, from: string): Promise<Resynced> => {
  const begun: string[] = []
  const again: string[] = []
  for await (const { position, closing } of parts.closings.since(from)) {
    const now = parts.now().toISOString()
    const { open, done } = await findIn(parts, closing)
    const record = done ? reopened(done, closing, now) : begunRecord({ position, closing, prefix: parts.prefix(), now })
    if (done) await parts.records.reopen(record)
    else if (open) await retry(parts, open)
    else await beginOne(parts, record)
    const into = done || open ? again : begun
    into.push(open?.record.reference ?? record.reference)
  }
  parts.wake()
  return { begun, again }
}

const unlessOvertaken = (error: unknown): false => {
  if (error instanceof Overtaken) return false
  throw error
}

const findIn = async (
  { records }: DeskParts,
  { sessionId, businessDate }: Pick<Closing, 'sessionId' | 'businessDate'>,
): Promise<Found> => {
  const open = await records.read(sessionId)
  const done = open ? undefined : (await records.doneOn(businessDate)).find((one) => one.sessionId === sessionId)
  return { open, done }
}

/** One session as `resync` would bring it in. */
export interface Previewed {
  readonly reference: string
  readonly verdict: string
  readonly entry: Entry | undefined
  readonly labels: ReadonlyMap<string, string>
}

/** The same without writing anything anywhere. Throws a `PahekoFault` where Paheko cannot be read. */
export async function* preview(parts: DeskParts, from: string): AsyncGenerator<Previewed> {
  const years = await yearsIn(parts.call)
  for await (const { closing } of parts.closings.since(from)) {
    const { open, done } = await findIn(parts, closing)
    const reference = open?.record.reference ?? done?.reference ?? referenceOf(parts.prefix(), closing)
    yield await previewOne(parts, { closing, reference, years })
  }
}

type One = { closing: Closing; reference: string; years: Awaited<ReturnType<typeof yearsIn>> }

const previewOne = async ({ call, mapping }: DeskParts, { closing, reference, years }: One): Promise<Previewed> => {
  const nothing = { reference, entry: undefined, labels: new Map<string, string>() }
  const entry = built(closing, { reference, mapping: mapping(), yearBegins: yearBegins(years, closing.businessDate) })
  if (!entry) return { ...nothing, verdict: 'cannot be made: its close holds no accounts' }
  if (entry.lines.length < 2) return { ...nothing, verdict: 'nothing to book' }
  const found = await entriesOf(call, reference)
  const year = yearOf(years, entry.date)
  const codes = codesIn(entry)
  const labels = year.is === 'open' ? await labelsIn(call, year.year, codes) : new Map<string, string>()
  return {
    reference,
    entry,
    labels,
    verdict: verdictOf({ entry, found, year, unknown: codes.filter((code) => !labels.has(code)) }),
  }
}

const built = (...args: Parameters<typeof entryOf>): Entry | undefined => {
  try {
    return entryOf(...args)
  } catch (error) {
    if (error instanceof TooOld) return undefined
    throw error
  }
}

type Verdict = {
  entry: Entry
  found: Awaited<ReturnType<typeof entriesOf>>
  year: ReturnType<typeof yearOf>
  unknown: readonly string[]
}

const verdictOf = ({ entry, found, year, unknown }: Verdict): string => {
  const [one] = found
  if (found.length > 1) return `is there ${found.length} times: a person must choose`
  if (one)
    return isSame(one, { date: entry.date, lines: linesOf(entry) })
      ? `is there (#${one.id})`
      : `is there otherwise (#${one.id})`
  if (year.is === 'several') return `cannot be sent: several open years hold ${entry.date}`
  if (year.is === 'none') return `cannot be sent: no year holds ${entry.date}`
  if (year.is !== 'open') return `cannot be sent: ${year.label} is ${year.is}`
  return unknown.length > 0
    ? `cannot be sent: its chart has no ${unknown.join(', ')}`
    : `would be sent into ${year.year.label}`
}

/** One entry for a terminal. */
export const shownEntry = ({ reference, verdict, entry, labels }: Previewed): string[] => [
  `${reference}  ${verdict}`,
  ...(entry?.lines ?? []).map(({ account, debitCents, creditCents, label }) => {
    const amount = [debitCents, creditCents].map((cents) => (cents === 0 ? '' : inEuros(cents)).padStart(14)).join('')
    return `  ${account.padEnd(8)}${(labels.get(account) ?? '?').slice(0, 40).padEnd(42)}${amount}  ${label}`
  }),
]
