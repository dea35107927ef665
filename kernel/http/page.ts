import type { PageQuery } from '@recyclique/contracts'
import { refuse } from '../errors.ts'

/** Cuts a page out of rows that were read with one row more than the limit, so that "is there more?" needs no second question. */
export const pageOf = <R, I>(
  rows: readonly R[],
  limit: number,
  cursor: (row: R) => string | number,
  item: (row: R) => I,
): { items: I[]; next?: string } => {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return {
    items: shown.map(item),
    ...(rows.length > limit && last !== undefined ? { next: String(cursor(last)) } : {}),
  }
}

export const limitOf = ({ limit = 50 }: PageQuery): number => limit

/** A cursor that is a position, newest first: everything without one. */
export const beforePosition = ({ after }: PageQuery): number =>
  after === undefined ? Number.MAX_SAFE_INTEGER : positionOf(after)

/** A cursor that is a position; refuses any other text. */
export const positionOf = (after: string): number =>
  /^\d{1,15}$/.test(after)
    ? Number(after)
    : refuse('request-invalid', { why: '`after` is not the `next` of a page' }, '/after')
