import { type Static, Type } from '@sinclair/typebox'
import { ModuleName } from './manifest.ts'

const closed = { additionalProperties: false }

const ProfileName = Type.String({
  pattern: '^[a-z](?:[a-z0-9-]{0,22}[a-z0-9])?$',
  description: '1 to 24 of a-z, 0-9 and -, a letter first',
})

/** One module as an installation wants it. What is not said stays as an earlier source said it. */
export const ModuleEntry = Type.Object(
  {
    name: ModuleName,
    /** Which versions will do, as npm writes a range; a bare version is that one alone. */
    version: Type.Optional(
      Type.String({ minLength: 1, maxLength: 128, description: 'a range of versions such as ^1.2' }),
    ),
    /** Said where it is `false`: a module that is named is wanted. */
    enabled: Type.Optional(Type.Boolean()),
    /** Handed to the module as it is. Secrets stand in it as references, never as values. */
    config: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  },
  closed,
)
export type ModuleEntry = Static<typeof ModuleEntry>

const Modules = Type.Array(ModuleEntry, { maxItems: 200 })

/**
 * `recyclique.yaml`: which modules this installation runs, and how. A profile is laid over the list; `RECYCLIQUE_PROFILE` chooses it,
 * else `profile` does.
 */
export const InstanceConfig = Type.Object(
  {
    modules: Type.Optional(Modules),
    profile: Type.Optional(ProfileName),
    profiles: Type.Optional(Type.Record(ProfileName, Type.Object({ modules: Type.Optional(Modules) }, closed), closed)),
  },
  closed,
)
export type InstanceConfig = Static<typeof InstanceConfig>
