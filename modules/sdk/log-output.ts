import { destination } from 'pino'
import { isSettledWithin } from './pause.ts'

/** A reader that lives takes the last lines in a moment; one that hangs is not waited for. */
const WRITTEN_WITHIN_MS = 500

/**
 * Log lines on the standard output, written while the module goes on: a reader that is slow holds up nobody.
 *
 * `end` is to be awaited before the process ends. What is still to be written then is written by the library at the exit itself, over
 * and over where the reader is gone (EPIPE): the process would turn there for ever, deaf to every signal.
 */
export const openLogOutput = () => {
  const stream = destination({ sync: false })
  const over = Promise.withResolvers<void>()
  // Whoever read the log is gone: the library writes nothing from here on.
  stream.once('error', () => over.resolve())
  stream.once('close', () => over.resolve())
  return {
    stream,
    async end(): Promise<void> {
      stream.end()
      await isSettledWithin(WRITTEN_WITHIN_MS, over.promise)
    },
  }
}
