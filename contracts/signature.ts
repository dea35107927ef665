import { type Static, Type } from '@sinclair/typebox'
import { ModuleName } from './manifest.ts'
import { Line, OneOf } from './text.ts'

const closed = { additionalProperties: false }

/** A public key of Ed25519 as it stands in a configuration: its 32 bytes in base64. */
export const SigningKey = Type.String({
  pattern: '^ed25519:[A-Za-z0-9+/]{43}=$',
  description: 'a public key such as ed25519:… as `recyclique modules signing-key` prints it',
})

const Made = Type.String({ pattern: '^[A-Za-z0-9+/]{86}==$', description: 'a signature of Ed25519 in base64' })

/** A key, and what it made of what was signed. */
export const Signature = Type.Object({ key: SigningKey, signature: Made }, closed)
export type Signature = Static<typeof Signature>

/** The file beside a module's manifest in which somebody answers for every other file of it. */
export const SIGNATURE_FILE = 'signature.json'

/** What stands in it: each file's SHA-256, signed together with name and version. */
export const ModuleSignature = Type.Object(
  {
    form: Type.Literal(1),
    name: ModuleName,
    version: Type.String({ maxLength: 128 }),
    files: Type.Record(
      Type.String(),
      Type.String({ pattern: '^[0-9a-f]{64}$', description: 'a SHA-256 in hexadecimal' }),
    ),
    ...Signature.properties,
  },
  closed,
)
export type ModuleSignature = Static<typeof ModuleSignature>

/** `off`: nobody looks. `warn`: what nobody who is trusted has signed is said, and installed. `require`: it is refused. */
export const SIGNATURE_POLICIES = ['off', 'warn', 'require'] as const

/** Whose modules an installation takes. Without a policy: `warn` where there are keys. */
export const TrustEntry = Type.Object(
  {
    policy: Type.Optional(OneOf(...SIGNATURE_POLICIES)),
    keys: Type.Optional(
      Type.Array(Type.Object({ name: Line(60, { minLength: 1 }), key: SigningKey }, closed), { maxItems: 100 }),
    ),
  },
  closed,
)
export type TrustEntry = Static<typeof TrustEntry>
