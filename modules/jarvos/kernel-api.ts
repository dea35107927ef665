import { type CallApi, NotGranted } from '@recyclique/sdk'

/** A no, in words for the assistant. `isUnknown`: nobody knows whether it was done. */
export class Trouble extends Error {
  readonly outcome: 'refused' | 'failed' | 'unknown'
  constructor(outcome: Trouble['outcome'], words: string) {
    super(words)
    this.outcome = outcome
  }
}

/** How long a tool of a module may take (the manifest's limit), and the way there and back. */
const TOOL_WITHIN_MS = 125_000
const READ_WITHIN_MS = 15_000

/** The kernel as one assistant's call sees it: everything it does has that assistant as its author. */
export const kernelFor = (api: CallApi, author: string) => {
  const call = async (method: 'GET' | 'POST', path: string, sent: { body?: unknown; key?: string } = {}) => {
    try {
      return goodBody(await api(method, path, { ...sent, onBehalfOf: author, ...patience(method, sent.key) }))
    } catch (error) {
      throw error instanceof NotGranted ? troubleOf(error) : error
    }
  }
  return {
    get: <T>(path: string, query: Readonly<Record<string, string | number | undefined>> = {}): Promise<T> =>
      call('GET', withQuery(path, query)) as Promise<T>,
    /** With a key it may be sent again; without one it is sent once. */
    post: <T>(path: string, body?: unknown, key?: string): Promise<T> =>
      call('POST', path, {
        ...(body === undefined ? {} : { body }),
        ...(key === undefined ? {} : { key }),
      }) as Promise<T>,
  }
}

/** What may be sent again is not waited for so long in one go: a kernel that died with it in hand answers nothing, and the next one does. */
const patience = (method: 'GET' | 'POST', key: string | undefined): { withinMs?: number } => {
  if (method === 'GET') return { withinMs: READ_WITHIN_MS }
  return key === undefined ? { withinMs: TOOL_WITHIN_MS } : {}
}

export type KernelApi = ReturnType<typeof kernelFor>

const withQuery = (path: string, query: Readonly<Record<string, string | number | undefined>>): string => {
  const said = Object.entries(query).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, String(value)] as [string, string]],
  )
  return said.length === 0 ? path : `${path}?${new URLSearchParams(said)}`
}

interface Problem {
  readonly detail?: string
  readonly title?: string
  readonly code?: string
  readonly field?: string
}

const goodBody = ({ status, body }: { readonly status: number; readonly body: unknown }): unknown => {
  if (status < 400) return body
  const { detail, title, code = `http-${status}`, field } = (typeof body === 'object' && body ? body : {}) as Problem
  const words = `${detail ?? title ?? 'The kernel refuses it.'} (${field ? `${code}, ${field}` : code})`
  // A module that broke, or was silent, may have done it before.
  throw new Trouble(status < 500 ? 'refused' : code === 'module-failed' ? 'failed' : 'unknown', words)
}

const troubleOf = ({ code, message }: NotGranted): Trouble => {
  if (code === 'unanswered') return new Trouble('unknown', `The kernel does not answer: ${message}.`)
  if (code === 'unavailable' || code === 'not-at-work')
    return new Trouble('unknown', `The kernel cannot do it now: ${message} Try again a little later.`)
  return new Trouble('refused', message)
}
