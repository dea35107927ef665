import { CannotDo } from './bad-use.ts'

/** The kernel said no. `code` is the problem's stable code. */
export class Refused extends CannotDo {
  readonly code: string
  readonly status: number
  constructor(message: string, status: number, code: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

/** `key` makes an act safe to repeat. */
type Ask = { body?: object; key?: string; withinMs?: number }

export type Api = {
  get: <T>(path: string, asked?: Pick<Ask, 'withinMs'>) => Promise<T>
  post: <T>(path: string, ask: Ask) => Promise<T>
  put: <T>(path: string, ask: Ask) => Promise<T>
  patch: <T>(path: string, ask: Ask) => Promise<T>
  delete: <T>(path: string, ask: Ask) => Promise<T>
}

/** The kernel's HTTP API at an address, acting as `actor`. Gives what JSON holds, and any other body as text. Throws `Refused` with the kernel's words, `CannotDo` where nobody answers. */
export const apiAt = (url: string, actor = 'manager'): Api => {
  const ask = async <T>(method: string, path: string, { body, key, withinMs = 30_000 }: Ask = {}): Promise<T> => {
    const response = await fetch(new URL(path, url), {
      method,
      headers: {
        'recyclique-actor': actor,
        ...(key === undefined ? {} : { 'idempotency-key': key }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(withinMs),
    }).catch((cause: Error) => {
      throw new CannotDo(`nobody answers at ${url}: start it with \`npm start\`, or name it with --url`, { cause })
    })
    const text = await response.text()
    if (!response.ok) throw refusalOf(`${method} ${path}`, response.status, text)
    const isJson = response.headers.get('content-type')?.includes('json') ?? true
    return (text === '' ? undefined : isJson ? JSON.parse(text) : text) as T
  }
  return {
    get: (path, asked) => ask('GET', path, asked),
    post: (path, asked) => ask('POST', path, asked),
    put: (path, asked) => ask('PUT', path, asked),
    patch: (path, asked) => ask('PATCH', path, asked),
    delete: (path, asked) => ask('DELETE', path, asked),
  }
}

const refusalOf = (what: string, status: number, text: string): Refused => {
  try {
    const { detail, code } = JSON.parse(text) as { detail?: string; code?: string }
    return new Refused(`${what}: ${detail ?? text}`, status, code ?? 'unknown')
  } catch {
    return new Refused(`${what}: ${status} ${text.slice(0, 200)}`, status, 'unknown')
  }
}
