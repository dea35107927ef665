/** What sale-notices makes of a sale. It knows nothing of NATS. */

export interface Config {
  /** What counts as a large sale. */
  readonly fromCents: number
}

/** What somebody sets. Throws words for the operator. */
export const readConfig = (values: unknown): Config => {
  const { fromCents = 20_000 } = (values ?? {}) as Partial<Config>
  if (!Number.isInteger(fromCents) || fromCents < 1)
    throw new Error(`fromCents is ${JSON.stringify(fromCents)}: give whole cents from 1, such as 20000`)
  return { fromCents }
}

interface Verdict {
  readonly verdict: 'allow' | 'refuse' | 'caution'
}

/** The answers of the others with a caution of ours behind; undefined: they stand as they are. */
export const withCaution = (
  { fromCents }: Config,
  args: Question,
  others: readonly Verdict[],
): unknown[] | undefined => {
  // Whoever is refused need not be warned, and training is for making large mistakes.
  const isLarge = args.mode !== 'training' && args.totalCents >= fromCents
  if (!isLarge || others.some(({ verdict }) => verdict === 'refuse')) return undefined
  const words = `Vente de ${euros(args.totalCents)} : vérifier le montant avec la personne.`
  return [...others, { verdict: 'caution', code: 'large-sale', words }]
}

export interface Question {
  readonly totalCents: number
  readonly mode: string
}

/** Throws for arguments that are none of `sale.validate`. */
export const readQuestion = (args: unknown): Question => {
  const { totalCents, mode } = (args ?? {}) as Partial<Question>
  if (typeof totalCents !== 'number' || typeof mode !== 'string') throw new TypeError('totalCents and mode are wanted')
  return { totalCents, mode }
}

/** What is told of a sale; undefined where it is a small one. Throws for data that are no sale. */
export const noticeOf = ({ fromCents }: Config, data: unknown): object | undefined => {
  const { saleId, registerId, totalCents } = data as Record<string, unknown>
  if (typeof saleId !== 'string' || typeof registerId !== 'string' || typeof totalCents !== 'number')
    throw new TypeError('saleId, registerId and totalCents are wanted')
  return totalCents >= fromCents ? { saleId, registerId, totalCents } : undefined
}

const euros = (cents: number) =>
  new Intl.NumberFormat('fr-FR', { style: 'currency', currency: 'EUR' }).format(cents / 100)
