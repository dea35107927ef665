import { type KernelApi, Trouble } from '../kernel-api.ts'
import type { Input, OfferedTool } from '../tool.ts'
import { kilos } from '../words.ts'

const ORIGINS: Readonly<Record<string, string>> = {
  voluntary: 'apport volontaire',
  'home-collection': 'collecte à domicile',
  'waste-centre': 'déchèterie',
  partner: 'partenaire',
}

const SLUG = { type: 'string', pattern: '^[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?$' }

/** One weighing at the reception: a deposit with one line, opened, weighed and closed; or one more line of a deposit that is open. */
export const recordWeighing: OfferedTool = {
  name: 'record-weighing',
  description:
    'Records one weighing of things that were brought in: a category and what the scale showed, in kilos. A person is asked to confirm it. Find the categoryId with search-categories first.',
  input: {
    type: 'object',
    properties: {
      categoryId: { ...SLUG, description: 'from search-categories' },
      kilos: { type: 'number', minimum: 0.001, maximum: 50_000, description: 'what the scale showed, such as 12.5' },
      containerId: { ...SLUG, description: 'the vessel on the scale; its weight is taken off' },
      postId: { ...SLUG, description: 'where it was weighed; may be left out where the centre has one post' },
      origin: { enum: Object.keys(ORIGINS), description: 'voluntary unless said' },
      depositId: { type: 'string', minLength: 36, maxLength: 36, description: 'a deposit that is open: adds to it' },
      confirmed: { type: 'boolean', description: 'the weight was called unusual, and somebody looked: it is right' },
    },
    required: ['categoryId', 'kilos'],
    additionalProperties: false,
  },
  isReadOnly: false,
  isRepeatable: true,
  narrower: '',
  async question(input, kernel) {
    const grams = gramsIn(input)
    const [category, post] = await Promise.all([
      kernel.get<{ shortName: string }>(`/v1/categories/${input.categoryId}`),
      postFor(input, kernel),
    ])
    const where = input.depositId ? `le dépôt ${input.depositId}` : `le poste ${post?.name}`
    const vessel = input.containerId ? ` (brut, dans « ${input.containerId} »)` : ''
    const origin = input.depositId ? '' : `, ${ORIGINS[originOf(input)]}`
    const sure = input.confirmed ? ' Le poids est inhabituel, et vérifié.' : ''
    return `Enregistrer une pesée de ${kilos(grams)} de ${category.shortName}${vessel} pour ${where}${origin} ?${sure}`
  },
  async run(input, { kernel, key }) {
    const { depositId } = input
    const line = {
      ...{ categoryId: input.categoryId, grossGrams: gramsIn(input) },
      ...(input.containerId === undefined ? {} : { containerId: input.containerId }),
      ...(input.confirmed === undefined ? {} : { confirmed: input.confirmed }),
    }
    const id = depositId === undefined ? await openDeposit(input, { kernel, key }) : String(depositId)
    const weighed = await weigh(kernel, { id, line, key }).catch((error: unknown) => {
      if (depositId !== undefined || !(error instanceof Trouble)) throw error
      throw new Trouble(
        error.outcome,
        `${error.message} The deposit ${id} is open and empty: use it as depositId for the next try.`,
      )
    })
    if (depositId === undefined) await kernel.post(`/v1/deposits/${id}/close`, undefined, `${key}-close`)
    const { lineId, netGrams, position } = weighed
    return { depositId: id, lineId, netGrams, position, isClosed: depositId === undefined }
  },
}

interface Weighed {
  readonly lineId: string
  readonly netGrams: number
  readonly position: number
}

const weigh = (kernel: KernelApi, { id, line, key }: { id: string; line: object; key: string }): Promise<Weighed> =>
  kernel.post<Weighed>(`/v1/deposits/${id}/lines`, line, `${key}-line`)

const openDeposit = async (input: Input, { kernel, key }: { kernel: KernelApi; key: string }): Promise<string> => {
  const post = await postFor(input, kernel)
  const body = { postId: post?.id, origin: originOf(input) }
  return (await kernel.post<{ depositId: string }>('/v1/deposits', body, `${key}-open`)).depositId
}

const originOf = ({ origin = 'voluntary' }: Input): string => String(origin)

/** Whole grams: a scale shows no less, and a number that is rounded in silence would not be the one that was confirmed. */
const gramsIn = ({ kilos: said }: Input): number => {
  const grams = Number(said) * 1000
  if (Math.abs(grams - Math.round(grams)) > 1e-6)
    throw new Trouble(
      'refused',
      'The arguments do not fit. /kilos has more than three decimals: the scale shows whole grams.',
    )
  return Math.round(grams)
}

interface Post {
  readonly id: string
  readonly name: string
  readonly archived?: boolean
}

const postFor = async ({ postId, depositId }: Input, kernel: KernelApi): Promise<Post | undefined> => {
  if (depositId !== undefined) return undefined
  if (postId !== undefined) return kernel.get<Post>(`/v1/posts/${postId}`)
  const posts = (await kernel.get<{ items: Post[] }>('/v1/posts', { limit: 100 })).items.filter((one) => !one.archived)
  const [only] = posts
  if (only && posts.length === 1) return only
  const names = posts.map(({ id, name }) => `${id} (${name})`).join(', ') || 'none: somebody has to set one up first'
  throw new Trouble('refused', `/postId is missing: say at which post it was weighed. There are: ${names}.`)
}
