import type { HookError } from './hook-error.ts'

/**
 * What happened beside the answers: for the log, the counters and the registry. `failed` is told of every error, whatever becomes
 * of it; `late` of an answer that came when nobody waited any more; `slow` of a step over the threshold.
 */
export type Notice =
  | { readonly is: 'failed'; readonly hook: string; readonly callId: string; readonly error: HookError }
  | {
      readonly is: 'late' | 'slow'
      readonly hook: string
      readonly callId: string
      readonly module: string
      readonly ms: number
    }
  | {
      readonly is: 'warned'
      readonly hook: string
      readonly code: string
      readonly words: string
      readonly module?: string | undefined
    }

export type Note = (notice: Notice) => void
