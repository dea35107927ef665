import { type Static, Type } from '@sinclair/typebox'
import { Cents, Grams } from './amounts.ts'
import { Line, LongSlug, Name, OneOf, Slug } from './text.ts'

/**
 * Master data: what a centre sets up once and changes now and then. Each change is a fact that carries the whole record, so
 * that a module needs no other source. Nothing is deleted: `archived` takes it out of use and leaves its history readable.
 */
const closed = { additionalProperties: false }
const archived = Type.Optional(Type.Boolean({ description: 'true: out of use, kept for its history' }))

/** The centre itself. A kernel keeps one site. */
export const Site = Type.Object(
  {
    id: Slug,
    name: Name,
    timeZone: Type.String({
      pattern: '^[A-Za-z_]+(?:/[A-Za-z0-9_+-]+){0,2}$',
      maxLength: 40,
      description: 'an IANA time zone such as Europe/Paris',
    }),
    vatRegime: OneOf('exempt', 'franchise', 'liable'),
    archived,
  },
  closed,
)
export type Site = Static<typeof Site>

/** A till. Its id is part of its journals' names. */
export const Register = Type.Object({ id: Slug, name: Name, archived }, closed)
export type Register = Static<typeof Register>

/** A place where deposits are weighed. */
export const Post = Type.Object({ id: Slug, name: Name, archived }, closed)
export type Post = Static<typeof Post>

/** An empty vessel of known weight. */
export const Container = Type.Object({ id: LongSlug, name: Name, tareGrams: Grams, archived }, closed)
export type Container = Static<typeof Container>

/** Who takes matter over. `name` is an organisation's; a person's name belongs into the personal data of the act. */
export const Partner = Type.Object({ id: LongSlug, name: Name, kind: OneOf('recycler', 'partner'), archived }, closed)
export type Partner = Static<typeof Partner>

/** An account of the French chart of accounts, as accounting will book it. */
const Account = Type.String({ pattern: '^[0-9A-Z]{3,12}$', description: 'an account number such as 530 or 5112' })

/** A way to pay. One method of kind `cash` at most is in use: what lies in the drawer. */
export const PaymentMethod = Type.Object(
  {
    id: LongSlug,
    name: Name,
    kind: OneOf('cash', 'card', 'cheque', 'voucher', 'custom'),
    debitAccount: Account,
    refundAccount: Account,
    minCents: Type.Optional(Cents),
    maxCents: Type.Optional(Cents),
    archived,
  },
  closed,
)
export type PaymentMethod = Static<typeof PaymentMethod>

/** The classes of electrical and electronic equipment, as éco-organismes count them. */
const Eee = OneOf('none', 'pam', 'ecrans', 'gem-hors-froid', 'gem-froid')

/** What things are sorted into: a tree of at most three levels. `minCents` and `maxCents` are the usual prices, shown as a help. */
export const Category = Type.Object(
  {
    id: LongSlug,
    parentId: Type.Optional(LongSlug),
    shortName: Line(24, { minLength: 1, description: '1 to 24 characters on one line, for a button' }),
    officialName: Name,
    minCents: Type.Optional(Cents),
    maxCents: Type.Optional(Cents),
    /** The most that one weighing usually has; more needs a confirmation. */
    usualGrams: Type.Optional(Grams),
    order: Type.Optional(Type.Integer({ minimum: 0, maximum: 9999 })),
    eee: Eee,
    shownAtSale: Type.Boolean(),
    shownAtReception: Type.Boolean(),
    archived,
    mergedInto: Type.Optional(LongSlug),
  },
  closed,
)
export type Category = Static<typeof Category>

/** Who may act. The name is personal data and stands apart. */
export const User = Type.Object(
  { id: LongSlug, roles: Type.Array(LongSlug, { maxItems: 20, uniqueItems: true }), archived },
  closed,
)
export type User = Static<typeof User>

/** The kinds of master data, by the name that they have in the ledger's state and, in the plural, in the API. */
export const RECORDS = {
  site: Site,
  register: Register,
  post: Post,
  container: Container,
  partner: Partner,
  'payment-method': PaymentMethod,
  category: Category,
  user: User,
} as const
export type RecordKind = keyof typeof RECORDS
export type RecordOf<K extends RecordKind> = Static<(typeof RECORDS)[K]>
