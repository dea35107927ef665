/** A second Ctrl-C counts when it comes later than this: npm hands the first one on to us, so that it arrives twice. */
const ECHO_MS = 300

/**
 * Resolves when somebody wants us to stop: Ctrl-C, SIGTERM, a closed terminal, or the process that wraps us gone. A second Ctrl-C or
 * SIGTERM calls `now`.
 */
export const hearStop = (now: () => void): Promise<void> =>
  new Promise((resolve) => {
    let firstMs: number | undefined
    const stop = () => {
      if (firstMs === undefined) firstMs = Date.now()
      else if (Date.now() - firstMs > ECHO_MS) now()
      resolve()
    }
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop)
    if (process.connected) process.once('disconnect', stop)
  })
