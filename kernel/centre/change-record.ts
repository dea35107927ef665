import {
  type Category,
  CategoryChanged,
  ContainerChanged,
  type FactSpec,
  PartnerChanged,
  PaymentMethodChanged,
  PostChanged,
  type RecordKind,
  type RecordOf,
  RegisterChanged,
  SiteChanged,
  UserChanged,
} from '@recyclique/contracts'
import { refuse } from '../errors.ts'
import { draft, type Rule } from '../ledger/rule.ts'
import type { Read } from '../store/port.ts'
import { personal } from './personal.ts'
import { allRecords, findRecord } from './records.ts'

/** A record as it shall be from now on. `name` of a user is personal data and comes beside the record. */
export interface ChangeRecord<K extends RecordKind = RecordKind> {
  readonly kind: K
  readonly record: RecordOf<K>
  readonly personName?: string | undefined
}

interface State {
  readonly before: RecordOf<RecordKind> | undefined
  readonly site: string | undefined
  readonly categories: readonly Category[]
  readonly cashMethods: readonly string[]
  readonly inUse: string | undefined
}

/** The fact that tells a change of each kind. */
const TOLD_BY: Record<RecordKind, FactSpec> = {
  site: SiteChanged,
  register: RegisterChanged,
  post: PostChanged,
  container: ContainerChanged,
  partner: PartnerChanged,
  'payment-method': PaymentMethodChanged,
  category: CategoryChanged,
  user: UserChanged,
}

/** Sets up or changes one record of master data. An unchanged record yields no fact. */
export const changeRecord: Rule<ChangeRecord, State> = {
  async load(read, { kind, record }) {
    return {
      before: await findRecord(read, kind, record.id),
      site: (await allRecords(read, 'site'))[0]?.id,
      categories: kind === 'category' ? await allRecords(read, 'category') : [],
      cashMethods: kind === 'payment-method' ? await cashMethods(read) : [],
      inUse: await whatUses(read, kind, record),
    }
  },
  decide(state, { body, id: _ }, { today, recordedAt }) {
    const { kind, record, personName } = body
    if (state.inUse)
      refuse('still-in-use', { id: record.id, why: state.inUse }, record.archived ? '/archived' : '/kind')
    if (kind === 'site' && state.site !== undefined && state.site !== record.id)
      refuse('wrong-site', { site: state.site }, '/id')
    if (kind === 'site') checkTimeZone(record as RecordOf<'site'>)
    if (kind === 'payment-method') checkMethod(record as RecordOf<'payment-method'>, state.cashMethods)
    if (kind === 'category') checkCategory(record as Category, state.categories)
    const apart = personal(`user/${record.id}`, 'name', personName, recordedAt)
    if (isSame(state.before, record)) return { facts: [], apart }
    return { facts: [draft(TOLD_BY[kind], record, { businessDate: today })], apart }
  },
}

const cashMethods = async (read: Read) =>
  (await allRecords(read, 'payment-method'))
    .filter(({ kind, archived }) => kind === 'cash' && !archived)
    .map(({ id }) => id)

/** Why a record cannot leave its use, when this change would take it out. */
const whatUses = async (read: Read, kind: RecordKind, record: RecordOf<RecordKind>): Promise<string | undefined> => {
  if (kind === 'payment-method') return whatUsesMethod(read, record as RecordOf<'payment-method'>)
  if (!record.archived) return undefined
  const { id } = record
  if (kind === 'site') return 'it is the centre itself'
  if (kind === 'user' && !(await allRecords(read, 'user')).some((one) => one.id !== id && !one.archived))
    return 'nobody else could act any more'
  if (kind === 'register' && (await isOne(read, "SELECT 1 FROM session WHERE register_id = ? AND status = 'open'", id)))
    return 'a cash session is open on it'
  if (kind === 'post' && (await isOne(read, "SELECT 1 FROM deposit WHERE post_id = ? AND status = 'open'", id)))
    return 'a deposit is being weighed there'
  return undefined
}

/** What lies in an open drawer was counted in under the cash method, and must be counted out under it. */
const whatUsesMethod = async (read: Read, { id, kind, archived }: RecordOf<'payment-method'>) => {
  const before = await findRecord(read, 'payment-method', id)
  const isTakenAway = before?.kind === 'cash' && !before.archived && (archived || kind !== 'cash')
  return isTakenAway && (await read.one("SELECT 1 FROM session WHERE status = 'open'")) !== undefined
    ? 'a cash session is open'
    : undefined
}

const isOne = async (read: Read, sql: string, id: string) => (await read.one(sql, id)) !== undefined

/** The day of every act depends on it: a zone that this machine does not know would stop the kernel. */
const checkTimeZone = ({ timeZone }: RecordOf<'site'>) => {
  try {
    new Intl.DateTimeFormat('en', { timeZone })
  } catch {
    refuse('time-zone-unknown', { zone: timeZone }, '/timeZone')
  }
}

const checkMethod = (
  { id, kind, archived, minCents = 0, maxCents }: RecordOf<'payment-method'>,
  cash: readonly string[],
) => {
  if (maxCents !== undefined && minCents > maxCents) refuse('price-range', {}, '/minCents')
  const other = cash.find((one) => one !== id)
  if (kind === 'cash' && !archived && other) refuse('second-cash-method', { id: other }, '/kind')
}

const DEEPEST = 3

const checkCategory = (category: Category, all: readonly Category[]) => {
  const { id, parentId, minCents = 0, maxCents } = category
  if (maxCents !== undefined && minCents > maxCents) refuse('price-range', {}, '/minCents')
  if (parentId === undefined) return
  const byId = new Map(all.map((one) => [one.id, one]))
  const parent = byId.get(parentId)
  if (!parent) refuse('unknown-reference', { what: 'category', id: parentId }, '/parentId')
  if (parent?.archived && !category.archived) refuse('archived', { what: 'category', id: parentId }, '/parentId')
  const above: string[] = []
  for (let up: string | undefined = parentId; up !== undefined; up = byId.get(up)?.parentId) {
    if (up === id) refuse('category-cycle', { id }, '/parentId')
    above.push(up)
  }
  if (above.length + heightOf(id, all) > DEEPEST) refuse('category-too-deep', {}, '/parentId')
}

/** How many levels a category and what stands below it take up. */
const heightOf = (id: string, all: readonly Category[]): number =>
  1 + Math.max(0, ...all.filter((one) => one.parentId === id).map((child) => heightOf(child.id, all)))

const isSame = (before: object | undefined, after: object) =>
  before !== undefined && JSON.stringify(sorted(before)) === JSON.stringify(sorted(after))

const sorted = (record: object) => Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1))
