import type { Rule } from '../ledger/rule.ts'
import { put, remove, update } from '../store/table.ts'

export interface JobRow {
  readonly module: string
  readonly id: string
  readonly job: string
  readonly cron: string | null
  /** JSON text. */
  readonly data: string
  readonly setting: string
  readonly next_at: number | null
  readonly attempts: number
  readonly last_run_at: string | null
  readonly last_error: string | null
  readonly busy_until: number
  readonly run: string | null
}

type Key = Pick<JobRow, 'module' | 'id'>

/**
 * `set` takes the place of what was set under this id. `begin` and `end` are for one run of one setting: where it was set anew meanwhile, or another
 * kernel has it in hand, they change nothing. An `end` without `next` is the end of the job itself.
 */
export type ChangeJob =
  | { readonly do: 'set'; readonly row: JobRow }
  | { readonly do: 'cancel'; readonly key: Key }
  | {
      readonly do: 'begin'
      readonly key: Key
      readonly setting: string
      readonly run: string
      readonly nowMs: number
      readonly busyUntil: number
    }
  | {
      readonly do: 'end'
      readonly key: Key
      readonly run: string
      readonly next?: Pick<JobRow, 'next_at' | 'attempts' | 'last_run_at' | 'last_error'>
    }

/** When modules are called: apart from the ledger, in its transaction, so that no two kernels begin the same run. */
export const changeJob: Rule<ChangeJob, JobRow | undefined> = {
  load: (read, body) => {
    const { module, id } = body.do === 'set' ? body.row : body.key
    return read.one<JobRow>('SELECT * FROM module_job WHERE module = ? AND id = ?', module, id)
  },
  decide: (found, { body }) => ({ facts: [], apart: changes(found, body) }),
}

const changes = (found: JobRow | undefined, body: ChangeJob) => {
  if (body.do === 'set') return [put('module_job', { ...body.row })]
  if (!found) return []
  const key = { module: body.key.module, id: body.key.id }
  if (body.do === 'cancel') return [remove('module_job', key)]
  if (body.do === 'begin')
    return found.setting === body.setting && found.busy_until <= body.nowMs
      ? [update('module_job', key, { run: body.run, busy_until: body.busyUntil })]
      : []
  if (found.run !== body.run) return []
  return body.next
    ? [update('module_job', key, { ...body.next, run: null, busy_until: 0 })]
    : [remove('module_job', key)]
}
