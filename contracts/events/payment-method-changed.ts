import { type DataOf, fact } from '../fact.ts'
import { PaymentMethod } from '../records.ts'

/** A way to pay was set up, changed or archived. Carries the whole record as it is from now on. */
export const PaymentMethodChanged = fact({
  name: 'payment-method.changed',
  version: 1,
  producer: 'kernel/centre/change-record.ts',
  journalForm: 'master',
  journal: () => 'master',
  data: PaymentMethod,
})
export type PaymentMethodChanged = DataOf<typeof PaymentMethodChanged>
