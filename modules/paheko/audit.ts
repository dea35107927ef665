import { countsOf } from './look-up.ts'
import type { Owed } from './looks.ts'
import { type DoneRecord, reopened } from './record.ts'
import type { SyncParts } from './sync.ts'

/** How far back is looked each night. */
const DAYS = 60

/** What a look over the entries that are done came to. */
export interface Audited {
  readonly looked: number
  /** References that bear several entries. */
  readonly doubled: readonly string[]
  /** References whose entry is not there any more. */
  readonly missing: readonly string[]
}

/**
 * Looks whether each entry that is done stands in Paheko once. Whatever a process that was stopped in mid-work and went on later did behind the backs of
 * the others is found here: such a session is quarantined again, with words for a person.
 */
export const audit = async (parts: SyncParts, from?: string): Promise<Audited> => {
  const days = (await parts.records.doneDays()).filter((day) => from === undefined || day >= from)
  const done = (
    await Promise.all(days.slice(0, from === undefined ? DAYS : undefined).map(parts.records.doneOn))
  ).flat()
  return lookAt(parts, done)
}

/**
 * The looks that this process owes. A session that is open is tried now where there are more entries than it knows of: the try sends nothing, finds
 * them and says so. One that nobody has decided yet stays owed, and so does one that could not be looked at.
 */
export const lookWhereOwed = async (parts: SyncParts): Promise<void> => {
  for (const session of parts.looks.due()) {
    const isLooked = await lookAtOne(parts, session).catch((err: unknown) => {
      parts.log.warn({ err, reference: session.reference }, 'an entry that was sent from here could not be looked at')
      return false
    })
    if (isLooked) parts.looks.had(session)
    else parts.looks.putOff(session)
  }
}

const lookAtOne = async (parts: SyncParts, { sessionId, businessDate, reference }: Owed): Promise<boolean> => {
  const held = await parts.records.read(sessionId)
  if (!held) {
    const done = (await parts.records.doneOn(businessDate)).filter((one) => one.sessionId === sessionId)
    await lookAt(parts, done)
    return done.length > 0
  }
  const { state } = held.record
  if (state === 'to-retry') return false
  const entries = (await countsOf(parts.call, [reference])).get(reference) ?? 0
  if ((state === 'resolved' && entries > 1) || (state === 'rejected' && entries > 0))
    await parts.records.change(held, { nextAt: parts.now().toISOString() })
  return true
}

const lookAt = async (parts: SyncParts, done: readonly DoneRecord[]): Promise<Audited> => {
  const booked = done.filter(({ entry }) => entry !== undefined)
  const counts = await countsOf(
    parts.call,
    booked.map(({ reference }) => reference),
  )
  const doubled = booked.filter(({ reference }) => (counts.get(reference) ?? 0) > 1)
  const missing = booked.filter(({ reference }) => !counts.has(reference))
  for (const one of doubled) await quarantine(parts, one, 'duplicates')
  for (const one of missing) await quarantine(parts, one, 'missing')
  return {
    looked: booked.length,
    doubled: doubled.map(({ reference }) => reference),
    missing: missing.map(({ reference }) => reference),
  }
}

const quarantine = async (parts: SyncParts, done: DoneRecord, code: 'duplicates' | 'missing'): Promise<void> => {
  const closing = await parts.closingAt(done.position)
  if (!closing) return
  const record = reopened(done, closing, parts.now().toISOString())
  // Of several a try finds the numbers; where there is none it would make one.
  const nextAt = code === 'duplicates' ? record.nextAt : undefined
  await parts.records.reopen({ ...record, state: 'quarantined', code, nextAt })
  parts.log.error(
    { sessionId: done.sessionId, reference: done.reference, code },
    'an entry does not stand in Paheko once',
  )
}
