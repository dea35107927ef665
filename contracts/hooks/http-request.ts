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
 * made of it. An error stops it: a request that a guard could not look at is not served (403 where the module threw or denied,
 * 503 where it was silent or away).
 *
 * Asked for the routes of the API and of modules; not for health, figures, documentation and `/v1/control/…`. `path` and `query`
 * stand as the kernel understood them, and a parameter that was given twice is left out. Who signed in stands in `notes`: `actor`,
 * and `roles` with blanks between.
 *
 * The kernel takes over: the whole `query`; `headers` that are new or have another value (one that is taken out stays, and
 * how a request travels, who acts and its key cannot be changed); `notes`, for its log. A changed `method` or `path` is seen by the
 * next step and leads to no other route.
 *
 * A wrapper stands around this question and not around the serving of the request: its `proceed` gives the head as the steps made
 * it, and the request is served after the last wrapper has returned.
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
