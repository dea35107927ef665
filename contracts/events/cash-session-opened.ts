import { Type } from '@sinclair/typebox'
import { Cents } from '../amounts.ts'
import { type DataOf, fact } from '../fact.ts'
import { Slug, Uuid } from '../text.ts'

/** A drawer was opened with `floatCents` of change in it. The fact's mode and business date hold for all that the session takes. */
export const CashSessionOpened = fact({
  name: 'cash.session.opened',
  version: 1,
  producer: 'kernel/cash/open-session.ts',
  journalForm: 'drawer-<registerId>',
  journal: ({ registerId }) => `drawer-${registerId}`,
  data: Type.Object({ sessionId: Uuid, registerId: Slug, floatCents: Cents }),
})
export type CashSessionOpened = DataOf<typeof CashSessionOpened>
