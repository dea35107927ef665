import type { Change } from '../store/table.ts'

type Add = Extract<Change, { do: 'add' }>

/** Sums that are not written yet. */
export interface Sums {
  /** Puts an addition with those to the same row. Throws when it adds what is no whole number. */
  gather(change: Add): void
  /** Gives what was gathered, for one table or for all, and forgets it. */
  take(table?: string): Add[]
  readonly size: number
}

/**
 * Many facts add to few rows, such as the day's sums: in a replay each of these rows is written once instead of thousands of
 * times. It comes to the same as long as the row is written before anything else touches its table.
 */
export const gatherSums = (): Sums => {
  const tables = new Map<string, Map<string, Add>>()
  let size = 0
  return {
    gather(change) {
      const rows = tables.get(change.table) ?? new Map<string, Add>()
      tables.set(change.table, rows)
      const key = JSON.stringify(Object.values(change.key))
      const before = rows.get(key)
      if (!before) size += 1
      rows.set(key, before ? together(before, change) : checked(change))
    },
    take(table) {
      const names = table === undefined ? [...tables.keys()] : [table]
      return names.flatMap((name) => {
        const rows = [...(tables.get(name)?.values() ?? [])]
        tables.delete(name)
        size -= rows.length
        return rows
      })
    },
    get size() {
      return size
    },
  }
}

const together = (before: Add, change: Add): Add => {
  const by: Record<string, number> = {}
  for (const column of Object.keys(change.by)) by[column] = Number(before.by[column]) + Number(change.by[column])
  return checked({ ...change, by })
}

const checked = (change: Add): Add => {
  for (const [column, value] of Object.entries(change.by))
    if (!Number.isSafeInteger(value)) throw new RangeError(`${column} of ${change.table} gets no whole number`)
  return change
}
