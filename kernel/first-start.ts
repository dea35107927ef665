import type { PaymentMethod, RecordKind, RecordOf } from '@recyclique/contracts'
import { changeRecord } from './centre/change-record.ts'
import type { Ledger } from './ledger/ledger.ts'

/** Who acts when nobody does: the kernel itself. */
export const KERNEL = 'kernel'

const METHODS: PaymentMethod[] = [
  { id: 'cash', name: 'Espèces', kind: 'cash', debitAccount: '530', refundAccount: '530' },
  { id: 'card', name: 'Carte bancaire', kind: 'card', debitAccount: '5115', refundAccount: '5115' },
  { id: 'cheque', name: 'Chèque', kind: 'cheque', debitAccount: '5112', refundAccount: '5112' },
]

/**
 * What an empty ledger begins with: the site, somebody who may act, and the usual ways to pay. The keys are fixed, so that a
 * start that was cut off goes on where it stopped, and every later start finds them done.
 */
export const firstStart = async (ledger: Pick<Ledger, 'append'>, site: string, newId: () => string): Promise<void> => {
  const set = <K extends RecordKind>(kind: K, record: RecordOf<K>, personName?: string) =>
    ledger.append(
      {
        key: `first-start.${kind}.${record.id}`,
        digest: 'first-start',
        actor: KERNEL,
        id: newId(),
        body: { kind, record, personName },
      },
      changeRecord,
    )
  await set('site', { id: site, name: 'Ma ressourcerie', timeZone: 'Europe/Paris', vatRegime: 'franchise' })
  await set('user', { id: 'manager', roles: ['manager'] }, 'Responsable')
  for (const method of METHODS) await set('payment-method', method)
}
