import { createServer, type Server as HttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { hostHeaderValidation, originValidation, toNodeHandler, toWebRequest } from '@modelcontextprotocol/node'
import {
  type AuthInfo,
  createMcpHandler,
  isJsonContentType,
  isLegacyRequest,
  localhostAllowedHostnames,
  type Server,
} from '@modelcontextprotocol/server'
import { refuse } from './refuse.ts'
import { BadBody, readBody } from './request-body.ts'
import { openSessions } from './sessions.ts'
import type { Settings } from './settings.ts'
import type { Tokens } from './tokens.ts'

export const PATH = '/mcp'

const METHODS = ['POST', 'GET', 'DELETE']

/** Whoever calls does not wait longer for the kernel to say who he is. */
const KNOWN_WITHIN_MS = 4_000
const FINISH_WITHIN_MS = 5_000
const LOOK_EVERY_MS = 5_000

interface Log {
  info(what: object, words: string): void
  warn(what: object, words: string): void
}

interface Parts {
  readonly settings: () => Settings
  readonly tokens: Pick<Tokens, 'authorOf'>
  readonly makeServer: () => Server
  readonly now: () => number
  readonly log: Log
}

type Known = IncomingMessage & { auth?: AuthInfo }
type AsSdk = Parameters<typeof toWebRequest>[0]

/**
 * The listener for assistants: streamable HTTP, with sessions for clients that open them and without for those that do not. Before anything else it
 * looks at Host and Origin (a page in a browser must not reach it under another name), then at the token.
 */
export const openDoor = async (parts: Parts) => {
  const { settings, tokens, makeServer, now, log } = parts
  const { host, port } = settings()
  const warn = (error: Error) => log.warn({ reason: error.message }, 'a request of an assistant could not be served')
  const modern = createMcpHandler(makeServer, {
    legacy: 'reject',
    maxSubscriptions: settings().sessions,
    onerror: warn,
  })
  const serveModern = toNodeHandler(modern, { onerror: warn })
  const sessions = openSessions({ makeServer, settings, now })
  /** Who is connected with which token. */
  const present = new Map<string, Set<ServerResponse>>()
  const inHand = new Set<Promise<void>>()

  const serve = async (request: Known, response: ServerResponse): Promise<void> => {
    const allowed = [...localhostAllowedHostnames(), ...settings().names]
    if (!hostHeaderValidation(allowed)(request, response) || !originValidation(allowed)(request, response)) return
    if (request.url?.split('?')[0] !== PATH) return refuse(response, 404, -32600, `There is nothing here but ${PATH}.`)
    if (!METHODS.includes(request.method ?? ''))
      return refuse(response, 405, -32600, `Use ${METHODS.join(', ')}.`, { allow: METHODS.join(', ') })
    const author = await within(KNOWN_WITHIN_MS, tokens.authorOf(request.headers.authorization)).catch(
      () => 'away' as const,
    )
    if (author === 'away')
      return refuse(response, 503, -32603, 'The kernel is away: try again a little later.', { 'retry-after': '5' })
    if (!author) return refuse(response, 401, -32600, WHO_ARE_YOU, { 'www-authenticate': 'Bearer realm="recyclique"' })
    noteIn(present, author.name, response)
    request.auth = { token: author.name, clientId: author.name, scopes: [...author.grants], extra: { author } }
    if (request.method === 'POST' && !isJsonContentType(request.headers['content-type'] ?? ''))
      return refuse(response, 415, -32600, 'Send application/json.')
    const body = request.method === 'POST' ? await readBody(request) : undefined
    if (await isLegacyRequest(await toWebRequest(request as AsSdk, body), body))
      return sessions.handle(request, response, body, author)
    return serveModern(request as AsSdk, response, body)
  }

  const server = createServer((request, response) => {
    const work: Promise<void> = serve(request, response)
      .catch((error: unknown) => {
        if (error instanceof BadBody)
          return refuse(response, error.status, error.code, error.message, { connection: 'close' })
        warn(error as Error)
        refuse(response, 500, -32603, 'It failed in a way that nobody foresaw; the log of jarvos says more.')
      })
      .finally(() => inHand.delete(work))
    // A stream that only listens is nothing that has to be finished.
    if (request.method === 'POST') inHand.add(work)
  })
  server.maxConnections = 4 * settings().sessions
  const bound = await listen(server, { host, port })
  const looking = setInterval(() => void sessions.endIdle(), LOOK_EVERY_MS)
  log.info({ url: urlOf(bound) }, 'assistants are welcome')

  return {
    url: urlOf(bound),
    /** Somebody has something open here. */
    get isVisited(): boolean {
      return present.size > 0
    },
    toolsChanged(): void {
      sessions.toolsChanged()
      modern.notify.toolsChanged()
    },
    /** Nothing of this token goes on: no session, no stream, no call. */
    async showOut(author: string): Promise<void> {
      for (const response of present.get(author) ?? []) response.destroy()
      await sessions.endOf(author)
    },
    async close(): Promise<void> {
      clearInterval(looking)
      const closed = new Promise((resolve) => server.close(resolve))
      await within(FINISH_WITHIN_MS, Promise.allSettled(inHand)).catch(() => {})
      await Promise.all([sessions.close(), modern.close()])
      server.closeAllConnections()
      await closed
    },
  }
}

export type Door = Awaited<ReturnType<typeof openDoor>>

const WHO_ARE_YOU =
  'Send the token that an operator made for you as Authorization: Bearer; this one is missing, or was revoked. `recyclique jarvos token-add NAME` makes one.'

const noteIn = (present: Map<string, Set<ServerResponse>>, author: string, response: ServerResponse): void => {
  const theirs = present.get(author) ?? new Set()
  present.set(author, theirs.add(response))
  response.once('close', () => {
    theirs.delete(response)
    if (theirs.size === 0) present.delete(author)
  })
}

const listen = (server: HttpServer, { host, port }: { host: string; port: number }): Promise<AddressInfo> =>
  new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const why = WHY_NOT[cause.code ?? ''] ?? `the system refuses it (${cause.code}): set another host or port`
      reject(new Error(`It cannot listen on ${host}:${port}: ${why}.`, { cause }))
    })
    server.listen(port, host, () => resolve(server.address() as AddressInfo))
  })

/** By the code of the error: what it means, and what to do. */
const WHY_NOT: Readonly<Record<string, string>> = {
  EADDRINUSE:
    'another process has it, and this one takes it as soon as it is free. Where that is not a process of jarvos that is about to end, end it, or set another port (`recyclique config set jarvos port 8012`)',
  ERR_ACCESS_DENIED:
    'the right to listen there is not granted. `recyclique modules permissions jarvos` shows it, and `recyclique modules grant jarvos "listen:*:config:port"` grants it',
  EACCES: 'the system keeps ports below 1024 for itself: set a higher one (`recyclique config set jarvos port 8011`)',
  EADDRNOTAVAIL:
    'this machine has no such address: set one that it has (`recyclique config set jarvos host 127.0.0.1`), and start it anew',
}

const urlOf = ({ address, family, port }: AddressInfo): string =>
  `http://${family === 'IPv6' ? `[${address}]` : address}:${port}${PATH}`

const within = <T>(ms: number, work: Promise<T>): Promise<T> => {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error(`not within ${ms} ms`)), ms)
  return Promise.race([work, late.promise]).finally(() => clearTimeout(timer))
}
