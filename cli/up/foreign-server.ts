import { connect } from 'node:net'

const PATIENCE_MS = 2_000

/** What is known of a server that somebody else runs: does it ask for keys, is it there at all. */
export type ForeignServer = 'keyed' | 'open' | 'silent'

/**
 * Asks the server at NATS_URL whether it works with keys. It says so unasked, in the line with which it greets; a server of
 * operator mode sends a `nonce` to sign. Whether the keys are *ours* only the kernel finds out.
 */
export const lookAtServer = (url: string): Promise<ForeignServer> =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(url.includes('://') ? url : `nats://${url}`)
    const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 4222) })
    const settle = (found: ForeignServer) => {
      socket.destroy()
      resolve(found)
    }
    socket.setTimeout(PATIENCE_MS, () => settle('silent'))
    socket.on('error', () => settle('silent'))
    let greeting = ''
    socket.setEncoding('utf8').on('data', (text: string) => {
      greeting += text
      if (greeting.includes('\r\n')) settle(/"nonce":/.test(greeting) ? 'keyed' : 'open')
    })
  })
