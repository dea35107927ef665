import { Type } from '@sinclair/typebox'
import { SumCents } from '../amounts.ts'
import { type DataOf, fact } from '../fact.ts'
import { Slug, Uuid } from '../text.ts'

/** A session was closed with a count that differs from the ledger's. Told beside `cash.session.closed`, for who must look into it. */
export const CashVarianceFlagged = fact({
  name: 'cash.variance.flagged',
  version: 1,
  producer: 'kernel/cash/close-session.ts',
  journalForm: 'drawer-<registerId>',
  journal: ({ registerId }) => `drawer-${registerId}`,
  data: Type.Object({ sessionId: Uuid, registerId: Slug, varianceCents: SumCents }),
})
export type CashVarianceFlagged = DataOf<typeof CashVarianceFlagged>
