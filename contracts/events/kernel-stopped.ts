import { Type } from '@sinclair/typebox'
import { type DataOf, fact } from '../fact.ts'

/** The program was stopped in order. Missing between two starts: it was cut off. */
export const KernelStopped = fact({
  name: 'kernel.stopped',
  version: 1,
  producer: 'kernel/ledger/happened.ts',
  journalForm: 'events',
  journal: () => 'events',
  data: Type.Object({ program: Type.String() }),
})
export type KernelStopped = DataOf<typeof KernelStopped>
