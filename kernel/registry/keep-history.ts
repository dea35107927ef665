import type { HookSpec } from '@recyclique/contracts'
import type { Log } from '../bus/port.ts'
import { type History, memoryHistory, type Past, type PastCall } from '../hooks/history.ts'
import type { Read } from '../store/port.ts'
import { type Change, put, remove } from '../store/table.ts'

interface Parts {
  readonly read: Read
  /** All or nothing, and on disk when it resolves. */
  readonly write: (changes: readonly Change[]) => Promise<void>
  readonly log: Pick<Log, 'warn'>
}

/** The row of `hook_served` that says which number was given last: a kept call may be gone, its number is never given again. */
const LAST = '*'

/**
 * The history as an earlier kernel left it, in memory, and written to disk behind its back: nobody who asks waits for the disk. What a
 * crash loses is what was asked in the last moment.
 */
export const loadHistory = async ({ read, write, log }: Parts) => {
  let kept = await readPast(read)
  let writing: Promise<void> | undefined
  let next: Past | undefined

  const writeAll = async () => {
    while (next) {
      const wanted = next
      next = undefined
      try {
        await write(between(kept, wanted))
        kept = wanted
      } catch (err) {
        log.warn({ err }, 'what was asked for those who come later could not be kept')
      }
    }
    writing = undefined
  }
  const changed = (past: Past) => {
    next = past
    writing ??= Promise.resolve().then(writeAll)
  }
  return {
    openHistory: (specOf: (hook: string) => HookSpec | undefined): History => memoryHistory(specOf, kept, changed),
    /** Resolves when everything is on disk. */
    flush: async () => writing,
  }
}

const readPast = async (read: Read): Promise<Past> => {
  const rows = await read.all<Omit<PastCall, 'args'> & { args: string }>(
    'SELECT seq, hook, args, at FROM hook_call ORDER BY seq',
  )
  const served = await read.all<{ module: string; seq: number }>('SELECT module, seq FROM hook_served')
  return {
    calls: rows.map((row) => ({ ...row, args: JSON.parse(row.args) as PastCall['args'] })),
    served: new Map(served.filter(({ module }) => module !== LAST).map(({ module, seq }) => [module, seq])),
    last: served.find(({ module }) => module === LAST)?.seq ?? 0,
  }
}

const between = (before: Past, after: Past): Change[] => {
  const [old, now] = [new Set(before.calls.map(seqOf)), new Set(after.calls.map(seqOf))]
  return [
    ...before.calls.filter(({ seq }) => !now.has(seq)).map(({ seq }) => remove('hook_call', { seq })),
    ...after.calls.filter(({ seq }) => !old.has(seq)).map(rowOf),
    ...[...after.served]
      .filter(([module, seq]) => before.served.get(module) !== seq)
      .map(([module, seq]) => put('hook_served', { module, seq })),
    ...(before.last === after.last ? [] : [put('hook_served', { module: LAST, seq: after.last })]),
  ]
}

const seqOf = ({ seq }: PastCall) => seq

const rowOf = ({ seq, hook, args, at }: PastCall): Change =>
  put('hook_call', { seq, hook, args: JSON.stringify(args), at: Math.round(at) })
