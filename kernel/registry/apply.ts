import { type KeptFact, ModuleChanged, ModuleOrdered, ModulePermitted } from '@recyclique/contracts'
import { on } from '../ledger/apply.ts'
import { type Change, put, remove } from '../store/table.ts'

/** What the registry's facts change. */
export const registryApply = [
  on(ModuleChanged, ({ data, recordedAt }) => [
    put('module', {
      ...{ name: data.module, rank: data.rank ?? null, version: data.version },
      ...{ state: data.to, reason: data.reason, since: recordedAt },
    }),
  ]),
  on(ModuleOrdered, (fact) => ORDERS[fact.data.order](fact)),
  on(ModulePermitted, (fact) => (fact.data.decision === 'forgotten' ? forgotten(fact) : permitted(fact))),
]

const permitted = ({ data, recordedAt, actor }: KeptFact<ModulePermitted>): Change[] => {
  const { module, decision, rights, reason = '' } = data
  return [
    put('module_permitted', { module, since: recordedAt, actor }),
    ...rights.map((name) => put('module_right', { module, name, decision, since: recordedAt, actor, reason })),
  ]
}

const forgotten = ({ data: { module, rights } }: KeptFact<ModulePermitted>): Change[] => [
  remove('module_permitted', { module }),
  ...rights.map((name) => remove('module_right', { module, name })),
]

type Ordered = KeptFact<ModuleOrdered>

const wish =
  (wish: 'disable' | 'block') =>
  ({ data, recordedAt }: Ordered): Change[] => [
    put('module_order', { module: data.module, wish, reason: data.reason ?? '', since: recordedAt }),
  ]

const noMore =
  (wish: 'disable' | 'block') =>
  ({ data }: Ordered): Change[] => [remove('module_order', { module: data.module, wish })]

const versionsOf = ({ data, recordedAt, actor }: Ordered) => ({
  ...{ module: data.module, versions: data.versions ?? '', reason: data.reason ?? '' },
  ...{ since: recordedAt, actor },
})

const mark =
  (need: 'required' | 'optional') =>
  ({ data }: Ordered): Change[] => [put('module_mark', { hook: data.hook ?? '*', module: data.module, need })]

const ORDERS: Readonly<Record<ModuleOrdered['order'], (fact: Ordered) => Change[]>> = {
  disable: wish('disable'),
  enable: noMore('disable'),
  block: (fact) =>
    fact.data.versions === undefined ? wish('block')(fact) : [put('module_versions', versionsOf(fact))],
  unblock: (fact) => {
    const { module, versions } = fact.data
    return versions === undefined ? noMore('block')(fact) : [remove('module_versions', { module, versions })]
  },
  require: mark('required'),
  excuse: mark('optional'),
  release: ({ data }) => [remove('module_mark', { hook: data.hook ?? '*', module: data.module })],
}
