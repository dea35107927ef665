import type { Logger } from 'pino'
import type { Note } from './hooks/notice.ts'
import type { Metrics } from './metrics.ts'

/** What happens beside the answers goes to the log and the counters: errors and warnings aloud, what was merely slow quietly. */
export const noteInto =
  (log: Logger, metrics: Pick<Metrics, 'noticed'>): Note =>
  (notice) => {
    const { is, hook } = notice
    if (is === 'warned') {
      metrics.noticed(hook, notice.module ?? '', is)
      log.warn({ hook, module: notice.module, code: notice.code }, notice.words)
      return
    }
    const { callId } = notice
    if (is === 'failed') {
      const { module, kind, code, message } = notice.error
      metrics.noticed(hook, module ?? '', is)
      log.warn({ hook, callId, module, kind, code }, message)
      return
    }
    metrics.noticed(hook, notice.module, is)
    log.info({ hook, callId, module: notice.module, ms: notice.ms }, `${notice.module} was ${is} on ${hook}`)
  }
