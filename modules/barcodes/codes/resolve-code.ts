import type { AnswerOf, CodeResolve } from '@recyclique/contracts'
import type { OnceStore } from '@recyclique/sdk'
import { hasLabel, type KeptBatch } from '../labels/batch.ts'
import { idOf, type LabelNumber, OWN_RANGE, textOf } from '../labels/number.ts'
import type { Item, Settings } from '../settings.ts'
import { findBatch, findCategory, findSold } from '../store.ts'
import { readInside } from './layout.ts'
import { type Near, nearTexts } from './near.ts'
import { type Reading, readCode } from './read-code.ts'
import {
  archivedWords,
  categoryGoneWords,
  cutWords,
  itemUnknownWords,
  labelUnknownWords,
  lotWords,
  nobodysWords,
  otherShopWords,
  soldWords,
  valueWords,
  wrongWords,
} from './words.ts'

export type Resolved = AnswerOf<typeof CodeResolve>
type Line = Extract<Resolved, { categoryId: string }>

export interface Known {
  readonly db: OnceStore['db']
  readonly settings: Settings
}

/** What a code stands for: a line for the ticket, or why there is none. Null for what has no form that is known here. */
export const resolveCode = (known: Known, code: string): Resolved | null => {
  const reading = readCode(code)
  switch (reading.is) {
    case 'own':
      return ofLabel(known, reading.number)
    case 'gtin':
      return ofGtin(known, reading.digits)
    case 'wrong':
      return damaged(wrongWords(reading, readAs(known, reading.text)))
    case 'cut':
      return damaged(cutWords(reading))
    case 'foreign':
      return null
  }
}

const ofLabel = (known: Known, number: LabelNumber): Resolved => {
  const batch = findBatch(known.db, number.batch)
  if (!batch || !hasLabel(batch, number)) return unknown(labelUnknownWords(textOf(number)))
  return lineIn(known, batch.categoryId, { ...priceOf(batch), ...singleOf(known, batch, number) }) ?? gone(batch)
}

const priceOf = ({ kind, cents, pieces = 1, categoryName }: KeptBatch): Partial<Line> => {
  if (kind === 'lot')
    return { qty: pieces, label: lotWords(pieces, categoryName), ...(cents === undefined ? {} : { lotCents: cents }) }
  return { qty: 1, label: categoryName, ...(cents === undefined ? {} : { unitCents: cents }) }
}

/** A label of a single thing says so, and whether it was sold before. */
const singleOf = ({ db }: Known, { kind }: KeptBatch, number: LabelNumber): Partial<Line> => {
  if (kind !== 'object') return {}
  const labelId = idOf(number)
  const sold = findSold(db, labelId)
  return { labelId, ...(sold ? { notice: soldWords(sold) } : {}) }
}

const gone = ({ categoryName }: KeptBatch): Resolved => unknown(categoryGoneWords(categoryName))

const ofGtin = (known: Known, digits: string): Resolved => {
  const { families, layouts } = known.settings
  for (const { layout, items } of layouts) {
    const inside = digits.length === 13 ? readInside(layout, digits) : undefined
    if (!inside) continue
    if (inside.valueFlaw) return damaged(valueWords(digits, inside.valueFlaw))
    const item = items.find((one) => one.item === inside.item)
    return item ? ofItem(known, item, inside) : unknown(itemUnknownWords(inside.item))
  }
  const family = families
    .filter(({ startsWith }) => digits.startsWith(startsWith) || isSameUpc(digits, startsWith))
    .toSorted((a, b) => b.startsWith.length - a.startsWith.length)[0]
  if (family) return ofFamily(known, family)
  return unknown(/^2[0-8]/.test(digits) ? otherShopWords(digits) : nobodysWords(digits))
}

/** A whole UPC-A may be set as its twelve digits. */
const isSameUpc = (digits: string, startsWith: string): boolean =>
  startsWith.length === 12 && digits === `0${startsWith}`

const ofItem = (known: Known, item: Item, { cents, grams }: { cents?: number; grams?: number }): Resolved => {
  const { centsPerKilo } = item
  const weighed =
    grams === undefined || centsPerKilo === undefined ? undefined : Math.round((grams * centsPerKilo) / 1000)
  const unitCents = cents ?? weighed
  const line = {
    qty: 1,
    ...(item.label === undefined ? {} : { label: item.label }),
    ...(unitCents === undefined ? {} : { unitCents }),
    ...(grams === undefined ? {} : { grams }),
  }
  return lineIn(known, item.categoryId, line) ?? unknown(categoryGoneWords(item.categoryId))
}

const ofFamily = (known: Known, { categoryId, label, unitCents }: Settings['families'][number]): Resolved => {
  const line = { qty: 1, ...(label === undefined ? {} : { label }), ...(unitCents === undefined ? {} : { unitCents }) }
  return lineIn(known, categoryId, line) ?? unknown(categoryGoneWords(categoryId))
}

/** The category as it is today: merged ones lead to the one that took their place. */
const lineIn = ({ db }: Known, categoryId: string, line: Partial<Line>): Line | undefined => {
  const category = findCategory(db, categoryId)
  if (!category) return undefined
  const notice = [line.notice, category.isArchived ? archivedWords(category.name) : undefined].filter(Boolean).join(' ')
  return { categoryId: category.id, ...line, ...(notice === '' ? {} : { notice }) }
}

const damaged = (words: string): Resolved => ({ trouble: 'damaged', words })
const unknown = (words: string): Resolved => ({ trouble: 'unknown', words })

/** What was meant, where one slip explains it and only one thing that we know can be meant. */
const readAs = (known: Known, text: string): (Near & { readonly line: Line }) | undefined => {
  const fitting = nearTexts(text).flatMap((near) => {
    const line = exactly(known, readCode(near.text))
    return line ? [{ ...near, line }] : []
  })
  return fitting.length === 1 ? fitting[0] : undefined
}

/** Known as itself, not as one of a family: among thousands that begin alike nothing would be said. */
const exactly = (known: Known, reading: Reading): Line | undefined => {
  const isWhole =
    reading.is === 'own' ||
    (reading.is === 'gtin' &&
      !reading.digits.startsWith(OWN_RANGE) &&
      known.settings.families.some(
        ({ startsWith }) => startsWith === reading.digits || isSameUpc(reading.digits, startsWith),
      ))
  if (!isWhole) return undefined
  const found = reading.is === 'own' ? ofLabel(known, reading.number) : ofGtin(known, reading.digits)
  return 'categoryId' in found ? found : undefined
}
