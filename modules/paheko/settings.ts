import { type Static, Type } from '@sinclair/typebox'

/** An account's code in Paheko's chart: exact, with its capitals. */
const Account = Type.String({ pattern: '^[0-9A-Za-z]{1,20}$' })
const Name = '^[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?$'

/** The natures of what is booked, and the accounts that stand for them where nothing else is set. */
export const NATURES = {
  sales: '7073',
  donations: '754',
  memberships: '756',
  fees: '706',
  priorYearRefunds: '672',
  shortage: '678',
  surplus: '778',
  transfers: '580',
  disbursements: '471',
} as const
export type Nature = keyof typeof NATURES

/** What an operator can set. The manifest says the same as JSON. */
export const Settings = Type.Object(
  {
    url: Type.String({
      minLength: 8,
      maxLength: 300,
      pattern: '^https?://',
      description: 'the address of Paheko, such as https://association.example.org/',
    }),
    user: Type.String({
      minLength: 1,
      maxLength: 200,
      pattern: '^[^:]+$',
      secret: true,
      description: 'the name of an API key of its own, level "write": env:PAHEKO_USER or file:/run/secrets/…',
    }),
    password: Type.String({
      minLength: 1,
      maxLength: 500,
      secret: true,
      description: 'its secret: env:PAHEKO_PASSWORD or file:/run/secrets/…',
    }),
    referencePrefix: Type.String({
      pattern: '^(?!POS-SESSION)[A-Za-z0-9._-]{1,40}$',
      default: 'RECYCLIQUE-',
      description: 'how the references of its entries begin; never change it once entries are there',
    }),
    accounts: Type.Object(
      {
        sales: Type.Optional(Account),
        donations: Type.Optional(Account),
        memberships: Type.Optional(Account),
        fees: Type.Optional(Account),
        priorYearRefunds: Type.Optional(Account),
        shortage: Type.Optional(Account),
        surplus: Type.Optional(Account),
        transfers: Type.Optional(Account),
        disbursements: Type.Optional(Account),
      },
      {
        additionalProperties: false,
        default: NATURES,
        description: 'the account of each nature; those not named keep theirs',
      },
    ),
    methods: Type.Record(Type.String({ pattern: Name }), Account, {
      default: {},
      description: 'the account of a way to pay, where it is not the one that the till has for it: {"card": "5115"}',
    }),
    categories: Type.Record(Type.String({ pattern: Name }), Account, {
      default: {},
      description:
        'the account, or the nature, of a category and all below it: {"adhesions": "memberships", "livraison": "fees"}',
    }),
    subtypes: Type.Record(Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,23}$' }), Account, {
      default: {},
      description: 'the account of what is paid from the drawer, by its label: {"timbres": "626"}',
    }),
  },
  { additionalProperties: false },
)
export type Settings = Static<typeof Settings>

/** Which account stands for what. */
export type Mapping = Pick<Settings, 'accounts' | 'methods' | 'categories' | 'subtypes'>

export const accountOf = ({ accounts }: Pick<Mapping, 'accounts'>, nature: Nature): string =>
  accounts[nature] ?? NATURES[nature]

/** The nearest of the categories that has an account of its own, the category itself first. `categoryIds` begins at the root. */
export const categoryAccount = (mapping: Mapping, categoryIds: readonly string[]): string | undefined => {
  const said = categoryIds
    .toReversed()
    .flatMap((id) => (Object.hasOwn(mapping.categories, id) ? [mapping.categories[id]] : []))[0]
  if (said === undefined) return undefined
  return Object.hasOwn(NATURES, said) ? accountOf(mapping, said as Nature) : said
}
