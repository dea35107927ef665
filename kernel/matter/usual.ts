import { findRecord } from '../centre/records.ts'
import { refuse } from '../errors.ts'
import type { Read } from '../store/port.ts'
import type { Measured } from './measure.ts'

/** The most that one weighing usually has where no category says otherwise: 150 kg is a full trolley. */
const USUAL_GRAMS = 150_000

/** The most that one weighing of a category usually has: its own, else that of the nearest category above it that says one. */
export const findUsualGrams = async (read: Read, categoryId: string): Promise<number> => {
  const category = await findRecord(read, 'category', categoryId)
  if (category?.usualGrams !== undefined) return category.usualGrams
  return category?.parentId === undefined ? USUAL_GRAMS : findUsualGrams(read, category.parentId)
}

/** Is the weight above the usual one? Then somebody must have said that it is right: 960 kg are soon typed for 960 g. */
export const isConfirmed = (
  { netGrams, categoryName }: Measured,
  usualGrams: number,
  confirmed: boolean | undefined,
  field: string,
): boolean => {
  const isUnusual = netGrams > usualGrams
  if (isUnusual && !confirmed)
    refuse('weight-unusual', { net: netGrams, usual: usualGrams, category: categoryName }, `${field}/confirmed`)
  return isUnusual
}
