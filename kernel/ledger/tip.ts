import { journalName } from '@recyclique/contracts'
import canonicalize from 'canonicalize'
import type { Read } from '../store/port.ts'
import { GENESIS, hashOf, type LedgerRow } from './row.ts'
import type { Command, Draft, Moment } from './rule.ts'

/** The chain's end as the writer knows it: inside a transaction it runs ahead of what is committed. */
export interface Tip {
  position: number
  hash: string
  sealed: number
  recordedAt: string
  readonly seqs: Map<string, number>
}

/** What a row takes from its surroundings. */
export interface Surroundings {
  readonly site: string
  readonly now: () => Date
  /** The day of an instant in the site's time zone, `YYYY-MM-DD`. */
  readonly dayOf: (instant: Date) => string
  readonly newId: () => string
}

/** The chain's end as it stands on disk. */
export const readTip = async (read: Read): Promise<Tip> => {
  const last = await read.one<LedgerRow>('SELECT * FROM ledger ORDER BY position DESC LIMIT 1')
  const seal = await read.one<{ position: number }>('SELECT position FROM seal ORDER BY position DESC LIMIT 1')
  const journals = await read.all<{ journal: string; seq: number }>(
    'SELECT journal, MAX(seq) AS seq FROM ledger GROUP BY journal',
  )
  return {
    position: last?.position ?? 0,
    hash: last?.hash ?? GENESIS,
    recordedAt: last?.recorded_at ?? '',
    sealed: seal?.position ?? 0,
    seqs: new Map(journals.map(({ journal, seq }) => [journal, seq])),
  }
}

/** The next row; moves the tip. */
export const rowAfter = (next: Tip, one: Draft, command: Command, moment: Moment, around: Surroundings): LedgerRow => {
  const journal = journalName(one.mode, one.spec.journal(one.data))
  const seq = (next.seqs.get(journal) ?? 0) + 1
  const row = {
    position: next.position + 1,
    id: around.newId(),
    journal,
    seq,
    mode: one.mode,
    name: one.spec.name,
    version: one.spec.version,
    site: around.site,
    recorded_at: moment.recordedAt,
    business_date: one.businessDate,
    actor: command.actor,
    command_key: command.key,
    command_hash: command.digest,
    data: canonicalize(one.data) as string,
    prev_hash: next.hash,
  }
  const hash = hashOf(row, row.data)
  next.position = row.position
  next.hash = hash
  next.recordedAt = row.recorded_at
  next.seqs.set(journal, seq)
  return { ...row, hash }
}

/** Time never goes back in the ledger: after a clock was set back, rows bear the last time until the clock has caught up. */
export const momentAfter = (last: string, { now, dayOf }: Surroundings): Moment => {
  const clock = now()
  const recordedAt = clock.toISOString() < last ? last : clock.toISOString()
  return { recordedAt, today: dayOf(new Date(recordedAt)) }
}
