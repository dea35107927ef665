import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { NodeStreamableHTTPServerTransport } from '@modelcontextprotocol/node'
import { isInitializeRequest, type Server } from '@modelcontextprotocol/server'
import { refuse } from './refuse.ts'
import type { Settings } from './settings.ts'
import type { Author } from './tokens.ts'

interface Session {
  readonly server: Server
  readonly transport: NodeStreamableHTTPServerTransport
  readonly author: string
  /** Requests and streams that are open now. */
  readonly open: Set<ServerResponse>
  usedAt: number
}

interface Parts {
  readonly makeServer: () => Server
  readonly settings: () => Settings
  readonly now: () => number
}

/** One token has this part of all sessions at most, so that it cannot keep the others out. */
const SHARE = 2

/** The sessions of clients that open one (protocol versions up to 2025-11-25). */
export const openSessions = ({ makeServer, settings, now }: Parts) => {
  const sessions = new Map<string, Session>()

  const end = async (id: string): Promise<void> => {
    const session = sessions.get(id)
    sessions.delete(id)
    await session?.server.close()
  }

  const begin = async (author: Author): Promise<Session | undefined> => {
    const most = settings().sessions
    const own = [...sessions.values()].filter((one) => one.author === author.name).length
    if (sessions.size >= most || own >= Math.max(1, Math.floor(most / SHARE))) return undefined
    const server = makeServer()
    const transport = new NodeStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => void sessions.set(id, session),
      onsessionclosed: (id) => end(id),
    })
    const session: Session = { server, transport, author: author.name, open: new Set(), usedAt: now() }
    await server.connect(transport)
    return session
  }

  return {
    async handle(request: IncomingMessage, response: ServerResponse, body: unknown, author: Author): Promise<void> {
      const id = request.headers['mcp-session-id']
      if (id === undefined && !isInitializeRequest(body))
        return refuse(response, 400, -32000, 'There is no session: begin with initialize.')
      const session = id === undefined ? await begin(author) : sessions.get(String(id))
      if (!session && id === undefined)
        return refuse(response, 429, -32000, 'There are too many sessions: end one, or wait until an idle one ends.')
      // Another token's session is none.
      if (session?.author !== author.name)
        return refuse(response, 404, -32001, 'This session is over, or never was: begin a new one with initialize.')
      session.usedAt = now()
      session.open.add(response)
      response.once('close', () => {
        session.usedAt = now()
        session.open.delete(response)
      })
      await session.transport.handleRequest(request, response, body)
    },
    toolsChanged(): void {
      for (const { server } of sessions.values()) void server.sendToolListChanged().catch(() => {})
    },
    /** Nobody uses it, and nobody listens to it. */
    async endIdle(): Promise<void> {
      const before = now() - settings().idleSeconds * 1_000
      for (const [id, { open, usedAt }] of sessions) if (open.size === 0 && usedAt < before) await end(id)
    },
    async endOf(author: string): Promise<void> {
      for (const [id, one] of sessions) if (one.author === author) await end(id)
    },
    async close(): Promise<void> {
      await Promise.all([...sessions.keys()].map(end))
    },
    get size() {
      return sessions.size
    },
  }
}

export type Sessions = ReturnType<typeof openSessions>
