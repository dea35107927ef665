import { spokenOf } from '../labels/number.ts'
import type { Sold } from '../store.ts'
import type { Near } from './near.ts'
import type { Reading } from './read-code.ts'

/** What a volunteer reads at the till: what is the matter with a code, and what to do. */

type Wrong = Extract<Reading, { is: 'wrong' }>
type Cut = Extract<Reading, { is: 'cut' }>

export const wrongWords = ({ text, found, wanted }: Wrong, meant: (Near & { line: Meant }) | undefined): string =>
  meant
    ? `Le code ${spokenOf(text)} est mal lu ou mal tapé. Sans doute ${spokenOf(meant.text)}${nameOf(meant.line)} : ${slipWords(text, meant)}.`
    : `Le code ${spokenOf(text)} est mal lu ou mal tapé : avec ces chiffres le dernier devrait être ${wanted}, pas ${found}. Scanner à nouveau, ou comparer chaque chiffre à l’étiquette.`

type Meant = { readonly label?: string; readonly unitCents?: number; readonly lotCents?: number }

const nameOf = ({ label, unitCents, lotCents }: Meant): string => {
  const cents = lotCents ?? unitCents
  const said = [label, cents === undefined ? undefined : euros(cents)].filter((one) => one !== undefined)
  return said.length === 0 ? '' : ` (${said.join(', ')})`
}

/** Places are those of the digits: the letter in front of our own labels is not counted. */
const slipWords = (text: string, { text: right, slip }: Near): string => {
  const letters = text.startsWith('R') ? 1 : 0
  const nth = slip.place - letters
  return slip.kind === 'swap'
    ? `le ${ordinal(nth)} et le ${ordinal(nth + 1)} chiffre sont échangés`
    : `le ${ordinal(nth)} chiffre serait un ${right[slip.place - 1]} et non un ${text[slip.place - 1]}`
}

const ordinal = (nth: number): string => (nth === 1 ? '1er' : `${nth}e`)

export const cutWords = ({ text, signs }: Cut): string => {
  const wanted = text.startsWith('R') ? '11 après le R' : '8, 12 ou 13'
  return `Le code ${text} n’est pas entier : il a ${signs} chiffres, il en faudrait ${wanted}. Scanner à nouveau, ou retaper le code.`
}

export const labelUnknownWords = (text: string): string =>
  `L’étiquette ${spokenOf(text)} est bien écrite, mais n’a jamais été imprimée ici. Vient-elle d’un autre centre ? Sinon choisir la catégorie à la main.`

export const itemUnknownWords = (item: string): string =>
  `Ce code porte l’article ${item}, que personne n’a encore nommé ici : choisir la catégorie à la main, et signaler l’article à la personne qui règle les codes-barres.`

export const otherShopWords = (digits: string): string =>
  `${digits} est le code interne d’un autre magasin (il commence par ${digits.slice(0, 2)}) : ici il ne dit rien. Choisir la catégorie à la main.`

export const nobodysWords = (digits: string): string =>
  `Le code ${digits} est bien lu, mais n’est pas connu ici. Choisir la catégorie à la main.`

export const valueWords = (digits: string, { found, wanted }: { found: string; wanted: string }): string =>
  `Le prix ou le poids dans le code ${digits} est mal lu : son chiffre de contrôle devrait être ${wanted}, pas ${found}. Scanner à nouveau, ou taper le prix à la main.`

export const categoryGoneWords = (name: string): string =>
  `Ce code désigne la catégorie « ${name} », qui n’est pas connue ici : choisir une catégorie à la main.`

export const archivedWords = (name: string): string =>
  `La catégorie « ${name} » n’est plus en usage : en choisir une autre.`

export const soldWords = ({ day, ticket, registerId }: Sold): string =>
  `Cette étiquette a déjà été vendue le ${DAY.format(new Date(`${day}T00:00:00Z`))} (ticket ${ticket}, ${registerId}). Vérifier qu’elle est bien sur cet objet.`

export const lotWords = (pieces: number, name: string): string => cutTo(80, `Lot de ${pieces} · ${name}`)

/** Two digits behind the comma, and a sign that stays with them. */
export const euros = (cents: number): string => EUROS.format(cents / 100)

const EUROS = new Intl.NumberFormat('fr-FR', { style: 'currency', currency: 'EUR' })
const DAY = new Intl.DateTimeFormat('fr-FR', { dateStyle: 'long', timeZone: 'UTC' })

const cutTo = (most: number, text: string): string => (text.length <= most ? text : `${text.slice(0, most - 1)}…`)
