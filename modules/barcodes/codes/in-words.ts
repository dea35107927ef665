import type { Resolved } from './resolve-code.ts'
import { euros } from './words.ts'

/** What a code stands for, as a sentence for a person. */
export const inWords = (resolved: Resolved | null): string => {
  if (resolved === null) return 'Ce code n’a pas une forme connue ici.'
  if ('trouble' in resolved) return resolved.words
  const { label, categoryId, unitCents, lotCents, grams, notice } = resolved
  const cents = lotCents ?? unitCents
  const said = [
    label ?? categoryId,
    cents === undefined ? 'prix libre' : euros(cents),
    ...(grams === undefined ? [] : [`${KILOS.format(grams / 1000)} kg`]),
    `catégorie ${categoryId}`,
  ]
  return `${said.join(', ')}.${notice === undefined ? '' : ` ${notice}`}`
}

const KILOS = new Intl.NumberFormat('fr-FR', { minimumFractionDigits: 3 })
