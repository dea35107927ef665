import { type CallPaheko, type Fault, PahekoFault } from './client.ts'
import { type Closing, codesIn, type Entry, entryOf, payloadOf, TooOld } from './entry.ts'
import { entriesOf, type FoundEntry, foundIn, isSame, linesOf } from './look-up.ts'
import type { Mapping } from './settings.ts'
import { Created, shaped, type Year } from './shapes.ts'
import type { SyncState } from './state.ts'
import { labelsIn, yearBegins, yearOf, yearsIn } from './years.ts'

/** What was sent the last time, as it is compared: the mapping may have changed since. */
export interface Sent {
  readonly date: string
  readonly lines: readonly string[]
}

/** What one try came to. `code` never changes its meaning; `words` are Paheko's own, or name the thing. */
export interface Outcome {
  readonly state: SyncState
  readonly code: OutcomeCode
  readonly words?: string
  readonly entry?: { readonly id: number; readonly yearId: number }
  /** Something may be under way in Paheko: no other write before it has settled. */
  readonly isUnsettled?: boolean
  /** What was sent was surely not kept. */
  readonly wasNotKept?: boolean
}

export type OutcomeCode =
  | Fault
  | 'new'
  | 'booked'
  | 'found'
  | 'nothing'
  | 'different'
  | 'duplicates'
  | 'missing'
  | 'year-closed'
  | 'year-locked'
  | 'year-none'
  | 'year-several'
  | 'accounts-unknown'
  | 'too-old'
  | 'unbalanced'
  | 'not-confirmed'
  | 'members-unknown'

export interface Push {
  readonly call: CallPaheko
  readonly closing: Closing
  readonly reference: string
  readonly mapping: Mapping
  readonly sent: Sent | undefined
  /** Something of an earlier try may still be under way, until then it is only looked. */
  readonly maySend: boolean
  /** Keeps what is about to be sent, and that nobody else writes. Rejects where another process has taken over: then nothing is sent. */
  readonly beforeSend: (sent: Sent) => Promise<void>
  readonly stop?: AbortSignal
}

/**
 * Brings the entry of one session into Paheko: look, check, send, compare, and look again after everything that is doubtful.
 *
 * Paheko knows no idempotency, keeps entries after some refusals and after every hang-up, and cannot delete: so nothing is sent that was not looked
 * for by its reference before, and a refusal is believed only when the entry is not there. Never throws for what Paheko answers.
 */
export const push = async (one: Push): Promise<Outcome> => {
  try {
    const years = await yearsIn(one.call, one.stop)
    const entry = built(one, yearBegins(years, one.closing.businessDate))
    if (entry.lines.length < 2) return { state: 'resolved', code: 'nothing' }
    const found = await lookUp(one, entry)
    if (found) return found
    const checked = await check(one, years, entry)
    if ('state' in checked) return checked
    if (!one.maySend) return { state: 'to-retry', code: 'not-confirmed', isUnsettled: true }
    return await send(one, entry, checked)
  } catch (error) {
    return failed(error)
  }
}

const built = ({ closing, reference, mapping }: Push, begins: string | undefined): Entry =>
  entryOf(closing, { reference, mapping, yearBegins: begins })

/** What stands there under the reference; `undefined` where nothing does. */
const lookUp = async ({ call, reference, sent, stop }: Push, entry: Entry): Promise<Outcome | undefined> =>
  judge(await entriesOf(call, reference, stop), [{ date: entry.date, lines: linesOf(entry) }, ...(sent ? [sent] : [])])

const judge = (found: readonly FoundEntry[], wanted: readonly Sent[]): Outcome | undefined => {
  const [one] = found
  if (!one) return undefined
  const numbers = found.map(({ id }) => `#${id}`).join(', ')
  if (found.length > 1) return { state: 'quarantined', code: 'duplicates', words: numbers }
  const entry = { id: one.id, yearId: one.yearId }
  if (wanted.some((each) => isSame(one, each))) return { state: 'resolved', code: 'found', entry }
  return { state: 'quarantined', code: 'different', words: numbers, entry }
}

/** The year that takes the entry, once all its accounts are there; or why it cannot be sent. */
const check = async ({ call, stop }: Push, years: readonly Year[], entry: Entry): Promise<Year | Outcome> => {
  const found = yearOf(years, entry.date)
  if (found.is === 'several') return { state: 'quarantined', code: 'year-several', words: found.labels.join(', ') }
  if (found.is === 'none') return { state: 'quarantined', code: 'year-none', words: entry.date }
  if (found.is !== 'open') return { state: 'quarantined', code: `year-${found.is}`, words: found.label }
  const codes = codesIn(entry)
  const labels = await labelsIn(call, found.year, codes, stop)
  const unknown = codes.filter((code) => !labels.has(code))
  if (unknown.length > 0) return { state: 'quarantined', code: 'accounts-unknown', words: unknown.join(', ') }
  return found.year
}

const send = async (one: Push, entry: Entry, year: Year): Promise<Outcome> => {
  const wanted = { date: entry.date, lines: linesOf(entry) }
  await one.beforeSend(wanted)
  try {
    const answer = await one.call('POST', 'accounting/transaction', payloadOf(entry, year.id), one.stop)
    const created = foundIn(shaped(Created, answer, 'the entry'))
    if (isSame(created, wanted) && created.yearId === year.id) {
      // After a doubtful try the count is looked at once more: that one may have come through late.
      if (one.sent) return (await lookUp(one, entry)) ?? { state: 'to-retry', code: 'not-confirmed', isUnsettled: true }
      return { state: 'resolved', code: 'booked', entry: { id: created.id, yearId: created.yearId } }
    }
    return await afterDoubt(
      one,
      entry,
      new PahekoFault('unexpected', 'the entry that came back is not the one that was sent'),
    )
  } catch (error) {
    if (!(error instanceof PahekoFault)) throw error
    return NOT_LET_IN.includes(error.fault)
      ? { ...failed(error), wasNotKept: true }
      : await afterDoubt(one, entry, error)
  }
}

const NOT_LET_IN: readonly Fault[] = ['credentials', 'rights', 'blocked']

/** Only what is not there after a 400 was refused. Everything else that is not there may still come. */
const afterDoubt = async (one: Push, entry: Entry, doubt: PahekoFault): Promise<Outcome> => {
  const found = await lookUp(one, entry).catch((error: unknown): Outcome => ({ ...failed(error), isUnsettled: true }))
  if (found) return found
  if (doubt.fault === 'refused') return { state: 'rejected', code: 'refused', words: doubt.message, wasNotKept: true }
  return { state: 'to-retry', code: doubt.fault, words: doubt.message, isUnsettled: true }
}

/** What kept it from being looked for or checked. A refusal of a question is no rejection of the entry. */
const failed = (error: unknown): Outcome => {
  if (error instanceof TooOld) return { state: 'quarantined', code: 'too-old' }
  if (error instanceof RangeError) return { state: 'quarantined', code: 'unbalanced', words: error.message }
  if (!(error instanceof PahekoFault)) throw error
  const { fault, message: words } = error
  const isOperators = [...NOT_LET_IN, 'not-paheko'].includes(fault)
  return { state: isOperators ? 'quarantined' : 'to-retry', code: fault, words }
}
