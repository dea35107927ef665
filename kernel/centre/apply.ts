import {
  CategoryChanged,
  CategoryMerged,
  ContainerChanged,
  PartnerChanged,
  PaymentMethodChanged,
  PostChanged,
  type RecordKind,
  type RecordOf,
  RegisterChanged,
  SiteChanged,
  UserChanged,
} from '@recyclique/contracts'
import { on } from '../ledger/apply.ts'
import { put } from '../store/table.ts'

const kept = (kind: RecordKind, record: RecordOf<RecordKind>) => [
  put('record', { kind, id: record.id, data: JSON.stringify(record), archived: record.archived ? 1 : 0 }),
]

/** What the facts of the centre change. */
export const centreApply = [
  on(SiteChanged, ({ data }) => kept('site', data)),
  on(RegisterChanged, ({ data }) => kept('register', data)),
  on(PostChanged, ({ data }) => kept('post', data)),
  on(ContainerChanged, ({ data }) => kept('container', data)),
  on(PartnerChanged, ({ data }) => kept('partner', data)),
  on(PaymentMethodChanged, ({ data }) => kept('payment-method', data)),
  on(UserChanged, ({ data }) => kept('user', data)),
  on(CategoryChanged, ({ data }) => kept('category', data)),
  on(CategoryMerged, ({ data }) => kept('category', { ...data.merged, archived: true, mergedInto: data.intoId })),
]
