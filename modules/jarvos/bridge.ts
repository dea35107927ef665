import { StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import {
  isJSONRPCNotification,
  isJSONRPCRequest,
  isJSONRPCResultResponse,
  type JSONRPCMessage,
} from '@modelcontextprotocol/server'
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio'

interface Parts {
  readonly url: URL
  readonly token: string
  /** For the person who looks at the log of the assistant. */
  readonly say: (words: string) => void
}

/** Hands messages from stdin to the module and back, as they are. Resolves when stdin ends. */
export const bridge = async ({ url, token, say }: Parts): Promise<void> => {
  const near = new StdioServerTransport()
  const far = new StreamableHTTPClientTransport(url, { requestInit: { headers: { authorization: `Bearer ${token}` } } })
  const over = Promise.withResolvers<void>()
  /** What was asked and not answered yet: a client takes its question back by ending the request. */
  const open = new Map<string | number, AbortController>()
  let isEnding = false

  far.onmessage = (message) => {
    if ('id' in message && message.id !== undefined && !('method' in message)) open.delete(message.id)
    if (isJSONRPCResultResponse(message)) far.setProtocolVersion(versionIn(message.result) ?? far.protocolVersion ?? '')
    void near.send(message)
  }
  far.onerror = (error) => {
    if (!isEnding) say(`jarvos: ${error.message}`)
  }
  near.onmessage = (message) => {
    const cancelled = cancelledBy(message)
    if (cancelled !== undefined) open.get(cancelled)?.abort()
    void handOn(message)
  }
  near.onclose = over.resolve

  const handOn = async (message: JSONRPCMessage): Promise<void> => {
    const asked = isJSONRPCRequest(message) ? message.id : undefined
    const ending = new AbortController()
    if (asked !== undefined) open.set(asked, ending)
    try {
      await far.send(message, { requestSignal: ending.signal })
    } catch (error) {
      if (asked === undefined || !open.delete(asked)) return
      const words = `JARVOS at ${url} could not be asked: ${(error as Error).message}`
      await near.send({ jsonrpc: '2.0', id: asked, error: { code: -32603, message: words } })
    }
  }

  await far.start()
  await near.start()
  await over.promise
  isEnding = true
  await far.terminateSession().catch(() => {})
  await far.close()
}

/** Said once, in the answer to `initialize`; from then on it stands in a header of each request. */
const versionIn = (result: Readonly<Record<string, unknown>>): string | undefined =>
  typeof result.protocolVersion === 'string' && 'serverInfo' in result ? result.protocolVersion : undefined

const cancelledBy = (message: JSONRPCMessage): string | number | undefined => {
  if (!isJSONRPCNotification(message) || message.method !== 'notifications/cancelled') return undefined
  return message.params?.requestId as string | number | undefined
}
