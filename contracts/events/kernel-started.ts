import { Type } from '@sinclair/typebox'
import { type DataOf, fact } from '../fact.ts'

/** The program that keeps the ledger was started: the event log's first line of a day, and the first after a crash. */
export const KernelStarted = fact({
  name: 'kernel.started',
  version: 1,
  producer: 'kernel/ledger/happened.ts',
  journalForm: 'events',
  journal: () => 'events',
  data: Type.Object({ program: Type.String(), node: Type.String() }),
})
export type KernelStarted = DataOf<typeof KernelStarted>
