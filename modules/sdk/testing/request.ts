import { type HttpAnswer, type HttpCall, modulesOwnHeaders } from '@recyclique/contracts'
import { type Bodies, keepBodies } from '../bodies.ts'
import { onWire } from '../routes.ts'
import type { Stage } from './stage.ts'

/** What is sent besides method and path; `json` is a body with its content type. */
export interface Sent {
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  readonly json?: unknown
}

/** What the caller would read. */
export interface Reply {
  readonly status: number
  /** Names in lower case; without those that the kernel keeps to itself, such as `set-cookie`. */
  readonly headers: Readonly<Record<string, string>>
  readonly bytes: Uint8Array
  readonly text: string
  /** The body as JSON. Throws where it is none. */
  // biome-ignore lint/suspicious/noExplicitAny: a test reads the fields that it expects
  readonly json: () => any
}

/** As long as the kernel waits. */
const ANSWER_WITHIN_MS = 5_000

/** `path` is what stands behind `/m/<module>`, with its query. */
export const requestOf = async (stage: Stage, method: string, path: string, sent: Sent = {}): Promise<Reply> => {
  const { pathname, searchParams } = new URL(path, 'http://rehearsal')
  const body = sent.json === undefined ? sent.body : JSON.stringify(sent.json)
  const call: HttpCall = {
    ...{ method, path: `/${decodeURIComponent(pathname.slice(1))}`, query: Object.fromEntries(searchParams) },
    headers: lowerCase({ ...(sent.json === undefined ? {} : { 'content-type': 'application/json' }), ...sent.headers }),
    ...(body === undefined ? {} : { body: Buffer.from(body as Uint8Array).toString('base64') }),
    takesParts: true,
  }
  const bodies = keepBodies()
  const answer = await stage.work.during(() => onWire({ ...stage, bodies }, JSON.stringify(call), ANSWER_WITHIN_MS))
  const bytes = await wholeOf(answer, bodies)
  const text = bytes.toString()
  const headers = lowerCase(modulesOwnHeaders(answer.headers))
  return { status: answer.status, headers, bytes, text, json: () => JSON.parse(text) }
}

/** Takes part by part, as the kernel does. Throws where the answer breaks off in the middle. */
const wholeOf = async ({ body, parts }: HttpAnswer, bodies: Bodies): Promise<Buffer> => {
  if (!parts) return Buffer.from(body, 'base64')
  const taken: Buffer[] = []
  for (let number = 1; ; number += 1) {
    const part = await bodies.answer(parts.name, JSON.stringify({ part: number }))
    if (!part || 'error' in part) throw new Error(`the answer broke off after ${taken.length} parts: ${part?.error}`)
    if ('done' in part) return Buffer.concat(taken)
    taken.push(Buffer.from(part.data, 'base64'))
  }
}

const lowerCase = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
