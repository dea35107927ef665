import type { App } from './app.ts'

/** So long may a request take that was under way when the stop came; a client that hangs would hold it up for ever. */
const MOST_MS = 5000

/**
 * When the server closes, whoever has a request under way gets its answer first: a sale that is kept must not look lost. Each
 * connection ends with its next answer, idle ones at once, and what is left after five seconds is cut.
 */
export const endInOrder = (app: App): void => {
  let isClosing = false
  app.addHook('preClose', async () => {
    isClosing = true
    // A connection may become idle behind the server's own look at them.
    const sweep = setInterval(() => app.server.closeIdleConnections(), 50).unref()
    const cut = setTimeout(() => app.server.closeAllConnections(), MOST_MS).unref()
    app.server.once('close', () => {
      clearInterval(sweep)
      clearTimeout(cut)
    })
  })
  app.addHook('onSend', async (_, reply) => {
    if (isClosing) reply.header('connection', 'close')
  })
}
