import { Type } from '@sinclair/typebox'
import { type DataOf, fact } from '../fact.ts'
import { Instant } from '../text.ts'

/** The machine's clock stands before the last fact: until it has caught up, facts bear the time of the last one. Told once per set-back. */
export const ClockSetBack = fact({
  name: 'clock.set-back',
  version: 1,
  producer: 'kernel/ledger/ledger.ts',
  journalForm: 'events',
  journal: () => 'events',
  data: Type.Object({ clock: Instant, lastRecordedAt: Instant }),
})
export type ClockSetBack = DataOf<typeof ClockSetBack>
