import type { Category, Container, ExitLineBody } from '@recyclique/contracts'
import { recordsById, usable } from '../centre/records.ts'
import { refuse } from '../errors.ts'
import type { Read } from '../store/port.ts'

/** What a line says, once measured; see the promise in contracts/events/matter-logged.ts. */
export interface Measured {
  readonly categoryId: string
  readonly categoryName: string
  readonly grossGrams: number
  readonly containerId?: string
  readonly tareGrams: number
  readonly netGrams: number
  readonly qty?: number
}

/** What must be known to measure some lines: their categories and their containers. */
export interface Known {
  readonly categories: ReadonlyMap<string, Category>
  readonly containers: ReadonlyMap<string, Container>
}

export const loadKnown = async (read: Read, lines: readonly ExitLineBody[]): Promise<Known> => ({
  categories: await recordsById(
    read,
    'category',
    lines.map(({ categoryId }) => categoryId),
  ),
  containers: await recordsById(
    read,
    'container',
    lines.flatMap(({ containerId }) => containerId ?? []),
  ),
})

/**
 * What the scale showed → what the line says, or a refusal that names the field below `field`: an unknown or archived category or
 * container, a container and a tare at once, nothing left after the tare.
 *
 * `before` is the line that is corrected: the category and the container that it already has keep the name and the tare that they
 * had on its day, archived or not.
 */
export const measure = (body: ExitLineBody, known: Known, field: string, before?: Measured): Measured => {
  const { categoryId, grossGrams, containerId, qty } = body
  const categoryName = nameOf(body, known, field, before)
  const tareGrams = tareOf(body, known, field, before)
  const netGrams = grossGrams - tareGrams
  if (netGrams <= 0) refuse('weight-not-over-tare', { gross: grossGrams, tare: tareGrams }, `${field}/grossGrams`)
  return {
    categoryId,
    categoryName,
    grossGrams,
    ...(containerId === undefined ? {} : { containerId }),
    tareGrams,
    netGrams,
    ...(qty === undefined ? {} : { qty }),
  }
}

const nameOf = ({ categoryId }: ExitLineBody, known: Known, field: string, before?: Measured): string =>
  before?.categoryId === categoryId
    ? before.categoryName
    : usable(known.categories.get(categoryId), 'category', categoryId, `${field}/categoryId`).officialName

const tareOf = ({ containerId, tareGrams }: ExitLineBody, known: Known, field: string, before?: Measured): number => {
  if (containerId === undefined) return tareGrams ?? 0
  if (tareGrams !== undefined) return refuse('tare-doubled', {}, `${field}/tareGrams`)
  return before?.containerId === containerId
    ? before.tareGrams
    : usable(known.containers.get(containerId), 'container', containerId, `${field}/containerId`).tareGrams
}
