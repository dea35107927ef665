/** Where Paheko is and who we are there. The secrets are read at each request, so that they can be changed where they stand. */
export interface Door {
  /** The address of the API, without a slash at its end. */
  readonly address: string
  readonly credentials: () => { readonly user: string; readonly password: string }
  readonly timeoutMs: number
}

/**
 * Why there is no usable answer. After all but `credentials`, `rights` and `blocked` (who is not let in has written nothing) nobody knows
 * whether what was asked for was done.
 */
export type Fault =
  | 'unreachable'
  | 'timeout'
  | 'redirect'
  | 'server-error'
  | 'not-json'
  | 'refused'
  | 'credentials'
  | 'rights'
  | 'blocked'
  | 'not-paheko'
  | 'unexpected'

export class PahekoFault extends Error {
  readonly fault: Fault
  constructor(fault: Fault, words: string, options?: ErrorOptions) {
    super(words, options)
    this.name = 'PahekoFault'
    this.fault = fault
  }
}

/** One request to the API; gives the JSON of a 200. Throws a `PahekoFault` for everything else. */
export type CallPaheko = (method: 'GET' | 'POST', path: string, body?: unknown, stop?: AbortSignal) => Promise<unknown>

/** Never follows a redirect: a server that waits for its upgrade answers a POST with one, and the answer to a GET elsewhere would look like success. */
export const openPaheko =
  (door: () => Door): CallPaheko =>
  async (method, path, body, stop) => {
    const { address, credentials, timeoutMs } = door()
    const limit = AbortSignal.timeout(timeoutMs)
    const signal = stop ? AbortSignal.any([limit, stop]) : limit
    try {
      const response = await fetch(`${address}/${path}`, {
        ...{ method, redirect: 'manual', signal },
        headers: {
          authorization: basic(credentials()),
          accept: 'application/json',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      return read(response, await response.text())
    } catch (error) {
      if (error instanceof PahekoFault) throw error
      if (signal.aborted) throw new PahekoFault('timeout', `no answer within ${timeoutMs} ms`)
      throw new PahekoFault('unreachable', causeOf(error))
    }
  }

const basic = ({ user, password }: { user: string; password: string }): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`

const read = (response: Response, text: string): unknown => {
  const { status } = response
  const json = parsed(text)
  const said = errorIn(json)
  if (status === 200 && json === undefined) throw new PahekoFault('not-json', 'the answer is no JSON')
  if (status === 200) return json
  if (status >= 300 && status < 400) throw new PahekoFault('redirect', placeOf(response))
  if (status >= 500) throw new PahekoFault('server-error', `${status}${referenceIn(text)}`)
  if (status === 400) throw new PahekoFault('refused', said ?? 'no reason was given')
  if (status === 401) throw new PahekoFault('credentials', said ?? 'no credentials arrived')
  if (status === 403) throw forbidden(said)
  if (status === 404 && said === undefined) throw new PahekoFault('not-paheko', '404 without an answer of the API')
  throw new PahekoFault('unexpected', `${status}${said === undefined ? '' : ` ${said}`}`)
}

/** A wrong password, too low a level, and an address that is taken for an attack are one status, told apart by the words. */
const forbidden = (said: string | undefined): PahekoFault => {
  if (said === undefined) return new PahekoFault('blocked', '403 with a page instead of an answer')
  return new PahekoFault(/enough rights/i.test(said) ? 'rights' : 'credentials', said)
}

/** Numbers of a JSON text are whole here; what is no JSON is `undefined`. */
const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const errorIn = (json: unknown): string | undefined => {
  const { error } = (json ?? {}) as { error?: unknown }
  return typeof error === 'string' ? error.slice(0, 500) : undefined
}

/** The path alone: where it leads is enough to tell an upgrade from an installation. */
const placeOf = ({ headers }: Response): string =>
  URL.parse(headers.get('location') ?? '', 'http://x')?.pathname ?? 'nowhere'

/** Paheko's own number of the crash, for whoever reads its log. */
const referenceIn = (text: string): string => {
  const [, reference] = /référence\s*:\s*(?:<b>)?([a-z0-9]{6,12})/i.exec(text) ?? []
  return reference === undefined ? '' : ` (${reference})`
}

const causeOf = (error: unknown): string => {
  const { cause, message } = error as Error & { cause?: { code?: unknown; message?: unknown } }
  const code = typeof cause?.code === 'string' ? cause.code : undefined
  return code ?? (typeof cause?.message === 'string' && cause.message !== '' ? cause.message : message)
}
