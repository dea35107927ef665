import type { Category, Container, Partner, PaymentMethod, Post, Register, User } from '@recyclique/contracts'
import centre from './centre.json' with { type: 'json' }

/** What things are sold as. `pieceGrams`: what one usually weighs; only the demo knows that. */
export type Leaf = Required<
  Pick<Category, 'id' | 'shortName' | 'officialName' | 'minCents' | 'maxCents' | 'usualGrams' | 'eee'>
> & {
  rootId: string
  pieceGrams: number
}

type Roots = typeof centre.categories

/** The leaves of the tree, each with its root's id. */
export const leaves: readonly Leaf[] = (centre.categories as Roots).flatMap((root) =>
  root.leaves.map((leaf) => ({ ...leaf, eee: leaf.eee as Category['eee'], rootId: root.id })),
)

/** The categories as the API takes them, roots first: a leaf needs its root. */
export const categories: readonly Category[] = [
  ...(centre.categories as Roots).map(({ leaves: _, eee, ...root }, at) => ({
    ...root,
    eee: eee as Category['eee'],
    ...shownAt(at),
  })),
  ...leaves.map(({ rootId, pieceGrams: _, ...leaf }, at) => ({ ...leaf, parentId: rootId, ...shownAt(at) })),
]

/** The other records, by their place in the API. */
export const records = {
  'payment-methods': centre['payment-methods'] as PaymentMethod[],
  registers: centre.registers satisfies Register[],
  posts: centre.posts satisfies Post[],
  containers: centre.containers satisfies Container[],
  partners: centre.partners as Partner[],
  users: centre.users satisfies (User & { name: string })[],
} as const

export const siteOfDemo = centre.site

function shownAt(at: number) {
  return { order: (at + 1) * 10, shownAtSale: true, shownAtReception: true }
}
