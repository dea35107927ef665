import { countsOf } from './look-up.ts'
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

/** The same for some references, wherever they stand. */
export const lookForDoubles = async (parts: SyncParts, references: readonly string[]): Promise<Audited> => {
  const days = await parts.records.doneDays()
  const done = (await Promise.all(days.slice(0, DAYS).map(parts.records.doneOn))).flat()
  return lookAt(
    parts,
    done.filter(({ reference }) => references.includes(reference)),
  )
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
  await parts.records.reopen({ ...record, state: 'quarantined', code, nextAt: undefined })
  parts.log.error(
    { sessionId: done.sessionId, reference: done.reference, code },
    'an entry does not stand in Paheko once',
  )
}
