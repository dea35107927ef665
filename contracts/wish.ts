import { type Static, Type } from '@sinclair/typebox'
import { OneOf } from './text.ts'

/**
 * `kv`, `job` and `api`, module → a kernel: it wants something of the kernel. A request; the answer is the value, or why not.
 *
 * `not-declared` (the manifest does not say that it does this), `malformed`, `too-large`, `conflict` (another revision stands there), `full`
 * and `unknown` stay so. `not-at-work` and `unavailable` pass: the same again, later.
 */
export const WishFault = Type.Object({
  code: OneOf('not-declared', 'malformed', 'too-large', 'conflict', 'full', 'unknown', 'not-at-work', 'unavailable'),
  words: Type.String(),
  field: Type.Optional(Type.String()),
  isPassing: Type.Boolean(),
})
export type WishFault = Static<typeof WishFault>

export const WishReply = Type.Union([Type.Object({ v: Type.Unknown() }), Type.Object({ error: WishFault })])
export type WishReply = Static<typeof WishReply>

/** `api`: a request to the kernel's own HTTP API, done as this module (`module.<name>`), or for somebody whom it names (`module.<name>/<onBehalfOf>`). The manifest lists it under `permissions.api`. */
export const ApiCall = Type.Object({
  method: OneOf('GET', 'POST', 'PUT', 'PATCH', 'DELETE'),
  /** With its query. */
  path: Type.String({ pattern: '^/v1/', maxLength: 2_000 }),
  /** Makes an act safe to repeat: see `Idempotency-Key`. */
  key: Type.Optional(Type.String({ maxLength: 64 })),
  body: Type.Optional(Type.Unknown()),
  /** For whom the module does it: a name that it gives, no user of the centre. */
  onBehalfOf: Type.Optional(
    Type.String({
      pattern: '^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$',
      description: '1 to 32 of a-z, 0-9 and -, not at the ends',
    }),
  ),
})
export type ApiCall = Static<typeof ApiCall>

/** `body` is JSON where the API answered so, else text. */
export const ApiAnswer = Type.Object({ status: Type.Integer(), body: Type.Unknown() })
export type ApiAnswer = Static<typeof ApiAnswer>
