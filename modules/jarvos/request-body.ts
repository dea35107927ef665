import type { IncomingMessage } from 'node:http'

/** A tool's arguments are a few lines; a body over the bus has 1 MiB at most. */
export const MOST_BYTES = 256 * 1024
/** Whatever looks at JSON goes down into it. */
export const MOST_LEVELS = 40

/** Why a body is not taken: a status of HTTP, and the code and words of JSON-RPC. */
export class BadBody extends Error {
  readonly status: number
  readonly code: number
  constructor(status: number, code: number, words: string) {
    super(words)
    this.status = status
    this.code = code
  }
}

/** The JSON of a request. Throws a `BadBody` before anything else looks at it. */
export const readBody = async (request: IncomingMessage): Promise<unknown> => {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > MOST_BYTES)
      throw new BadBody(413, -32600, `A message has ${MOST_BYTES} bytes at most: send less at once.`)
    chunks.push(chunk)
  }
  const text = Buffer.concat(chunks).toString('utf8')
  if (levelsIn(text) > MOST_LEVELS)
    throw new BadBody(400, -32600, `A message is nested ${MOST_LEVELS} levels deep at most.`)
  try {
    return JSON.parse(text)
  } catch {
    throw new BadBody(400, -32700, 'This is not JSON.')
  }
}

/** How deep it is nested, without going down into it. */
export const levelsIn = (json: string): number => {
  let level = 0
  let most = 0
  for (const [one] of json.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/g)) {
    if (one === '{' || one === '[') level += 1
    else if (one === '}' || one === ']') level -= 1
    most = Math.max(most, level)
  }
  return most
}
