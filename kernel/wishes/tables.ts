import type { Tables } from '../store/table.ts'

/**
 * What modules have the kernel keep for them, beside the ledger. `module_kv`: their own keys and values, `expires_at` in
 * milliseconds since 1970, null for what stays. `module_job`: what they want to be called for,
 * and when; `next_at` and `busy_until` in milliseconds since 1970, `next_at` null for one that failed too often. `setting` names one setting of
 * the job, so that the end of a run says nothing about what was set meanwhile; `run` names the run that has it in hand.
 */
export const wishTables: Tables = {
  module_kv: {
    keep: 'apart',
    columns: { module: 'text', key: 'text', value: 'text', bytes: 'int', revision: 'int', expires_at: 'int?' },
    key: ['module', 'key'],
    index: [['module', 'bytes'], ['expires_at']],
  },
  module_job: {
    keep: 'apart',
    columns: {
      ...{ module: 'text', id: 'text', job: 'text', cron: 'text?', data: 'text', setting: 'text' },
      ...{
        next_at: 'int?',
        attempts: 'int',
        last_run_at: 'text?',
        last_error: 'text?',
        busy_until: 'int',
        run: 'text?',
      },
    },
    key: ['module', 'id'],
    index: [['next_at']],
  },
}
