import type { Read } from '../store/port.ts'
import { type Change, put, remove } from '../store/table.ts'

/** So often a module's process may end with the same fact in hand; then it goes to the dead letters. */
export const MOST_DEATHS = 5

/** The fact with which a module's processes ended last, and how many did. */
interface Fatal {
  readonly module: string
  readonly position: number
  /** Up to here everything was acknowledged at that time: between the two there is nothing that the module hears. */
  readonly floor: number
  readonly deaths: number
}

interface Parts {
  readonly read: Read
  readonly write: (changes: readonly Change[]) => Promise<void>
}

/**
 * Counts the deaths with a fact in hand, one fact for each module: the server's own count begins anew with each durable, and a
 * process that dies writes nothing down. Kept on disk, for the fact that takes the whole machine down, and the kernel with it.
 */
export const openFatalFacts = async ({ read, write }: Parts) => {
  const rows = await read.all<Fatal>('SELECT module, position, floor, deaths FROM fatal_fact')
  const known = new Map(rows.map((row) => [row.module, row]))
  return {
    /** Gives how many it are now. */
    async died(module: string, { position, floor }: Pick<Fatal, 'position' | 'floor'>): Promise<number> {
      const before = known.get(module)
      const deaths = before?.position === position ? before.deaths + 1 : 1
      const row = { module, position, floor, deaths }
      await write([put('fatal_fact', row)])
      known.set(module, row)
      return deaths
    },
    /**
     * The position that a module has behind it which claims to be at `own`: the same, or the fact behind that lies with the dead letters. Its store knows
     * nothing of it until the module hears so.
     */
    passedFrom(module: string, own: number): number | undefined {
      const fatal = known.get(module)
      if (!fatal || fatal.deaths < MOST_DEATHS) return undefined
      return fatal.floor <= own && own < fatal.position ? fatal.position : undefined
    },
    /** The module is told its past again from here: what once was fatal may do now. */
    async rewound(module: string, after: number): Promise<void> {
      const fatal = known.get(module)
      if (!fatal || after >= fatal.floor) return
      await write([remove('fatal_fact', { module })])
      known.delete(module)
    },
  }
}

export type FatalFacts = Awaited<ReturnType<typeof openFatalFacts>>
