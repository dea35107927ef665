import type { ModuleView } from '@recyclique/contracts'
import { apiAt } from '../api.ts'
import type { Row } from './tree.ts'

/** What should be known of a module although it works, by its name. A start fails for none of it. */
export const notesOn = async (kernelUrl: string): Promise<ReadonlyMap<string, readonly string[]>> => {
  const { items } = await apiAt(kernelUrl)
    .get<{ items: ModuleView[] }>('/v1/modules')
    .catch(() => ({ items: [] }))
  return new Map(items.map(({ name, notes = [] }) => [name, notes]))
}

/** The lines of the tree with these below them. A line begins with the module's name. */
export const withNotes = (rows: readonly Row[], notes: ReadonlyMap<string, readonly string[]>): Row[] =>
  rows.map((row) => {
    const own = notes.get(row.label.split(' ')[0] ?? '') ?? []
    return own.length === 0 ? row : { ...row, below: own.map((note) => ({ label: '!', note })) }
  })
