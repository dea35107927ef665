import type { KernelApi } from '../kernel-api.ts'
import type { OfferedTool } from '../tool.ts'

interface Category {
  readonly id: string
  readonly shortName: string
  readonly officialName: string
  readonly parentId?: string
  readonly archived?: boolean
  readonly shownAtSale: boolean
  readonly shownAtReception: boolean
}

/** Which category is meant: by its id and its names, whatever the case and the accents. */
export const searchCategories: OfferedTool = {
  name: 'search-categories',
  description:
    'Finds the categories of the centre by a part of their name (case and accents do not matter). Gives ids, which other tools want. Without words: all of them.',
  input: {
    type: 'object',
    properties: {
      words: { type: 'string', maxLength: 80, description: 'a part of a name, such as livre' },
      limit: { type: 'integer', minimum: 1, maximum: 200, description: '50 unless said' },
    },
    additionalProperties: false,
  },
  isReadOnly: true,
  isRepeatable: true,
  narrower: 'search with more letters, or with a smaller limit',
  question: async () => '',
  async run({ words = '', limit = 50 }, { kernel }) {
    const wanted = plain(String(words))
    const found = (await allCategories(kernel)).filter(
      (one) => !one.archived && [one.id, one.shortName, one.officialName].some((name) => plain(name).includes(wanted)),
    )
    return {
      found: found.length,
      categories: found.slice(0, Number(limit)).map(({ id, shortName, officialName, parentId, shownAtReception }) => ({
        ...{ id, shortName, officialName, shownAtReception },
        ...(parentId === undefined ? {} : { parentId }),
      })),
    }
  },
}

const allCategories = async (kernel: KernelApi): Promise<Category[]> => {
  const all: Category[] = []
  let after: string | undefined
  do {
    const page = await kernel.get<{ items: Category[]; next?: string }>('/v1/categories', { limit: 500, after })
    all.push(...page.items)
    after = page.next
  } while (after !== undefined)
  return all
}

const plain = (text: string): string => text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase()
