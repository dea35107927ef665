import { type Static, Type } from '@sinclair/typebox'

/** What can be set; `manifest.json` says the same. */
export const Settings = Type.Object(
  {
    host: Type.String({
      default: '127.0.0.1',
      minLength: 1,
      maxLength: 253,
      description: 'the address it listens on; the network sees whatever is not 127.0.0.1',
    }),
    port: Type.Integer({ default: 8011, minimum: 0, maximum: 65_535, description: '0: any that is free' }),
    names: Type.Array(Type.String({ minLength: 1, maxLength: 253 }), {
      default: [],
      maxItems: 20,
      description: 'host names under which it is reached besides localhost, as behind a proxy',
    }),
    callsPerMinute: Type.Integer({
      default: 60,
      minimum: 1,
      maximum: 6_000,
      description: 'of one token; each call is a fact in the ledger',
    }),
    sessions: Type.Integer({ default: 32, minimum: 1, maximum: 1_000, description: 'open at once, over all tokens' }),
    idleSeconds: Type.Integer({
      default: 900,
      minimum: 1,
      maximum: 86_400,
      description: 'a session that nobody listens to ends after so long without a request',
    }),
    confirmSeconds: Type.Integer({
      default: 300,
      minimum: 5,
      maximum: 3_600,
      description: 'how long a confirmation that was asked for may be given',
    }),
  },
  { additionalProperties: false },
)
export type Settings = Static<typeof Settings>
