import { type Static, Type } from '@sinclair/typebox'
import { ModuleName } from './manifest.ts'
import { Signature } from './signature.ts'

const closed = { additionalProperties: false }

/** `bundle.json`: what lies in an archive of modules that is installed without a network, file by file with its SHA-256. */
export const Bundle = Type.Object(
  {
    form: Type.Literal(1),
    /** The version of the program that packed it. */
    packedBy: Type.String({ maxLength: 64 }),
    /** `linux-x64`: said where something in it was built for one kind of machine. */
    platform: Type.Optional(Type.String({ maxLength: 64 })),
    modules: Type.Array(
      Type.Object(
        {
          name: ModuleName,
          version: Type.String({ maxLength: 64 }),
          /** Its folder in the archive, under the name that it is installed by. */
          folder: Type.String({ pattern: '^[a-z][A-Za-z0-9.+-]{0,200}$', description: 'the name of a folder' }),
          source: Type.String({ maxLength: 1_000 }),
          files: Type.Record(
            Type.String(),
            Type.String({ pattern: '^[0-9a-f]{64}$', description: 'a SHA-256 in hexadecimal' }),
          ),
        },
        closed,
      ),
      { minItems: 1, maxItems: 200 },
    ),
    /** Somebody answers for all of it, libraries included. */
    signed: Type.Optional(Signature),
  },
  closed,
)
export type Bundle = Static<typeof Bundle>
