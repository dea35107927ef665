import { Type } from '@sinclair/typebox'
import { hook } from '../hook.ts'
import { OneOf } from '../text.ts'

const closed = { additionalProperties: false }

/** A request as the kernel has read it, without its body: header names in lower case, credentials taken out. */
const HttpRequestHead = Type.Object(
  {
    method: OneOf('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'),
    path: Type.String({ pattern: '^/', maxLength: 2_048 }),
    query: Type.Record(Type.String(), Type.String()),
    headers: Type.Record(Type.String(), Type.String()),
    requestId: Type.String({ maxLength: 64 }),
    /** What steps found out about it, for the steps behind them and for the log. */
    notes: Type.Optional(Type.Record(Type.String({ maxLength: 64 }), Type.String({ maxLength: 512 }))),
  },
  closed,
)

/**
 * Each module may change the request before it is dealt with, or refuse it by an error; the next one sees what the one before
 * made of it. An error stops it: a request that a guard could not look at is not served.
 */
export const OnHttpRequest = hook({
  name: 'http.request',
  version: 1,
  words: 'May this request be served, and should anything in it be changed first?',
  mode: 'pipeline',
  args: HttpRequestHead,
  answer: HttpRequestHead,
  deadlineMs: 300,
  onError: 'stop',
})
