import { type Static, Type } from '@sinclair/typebox'
import { ModuleName } from './manifest.ts'
import { MemoryMb } from './reach.ts'
import { Register, Site } from './records.ts'
import { TrustEntry } from './signature.ts'

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
    /** Megabytes of memory that one of its processes may hold, whatever its manifest says. */
    memory: Type.Optional(MemoryMb),
  },
  closed,
)
export type ModuleEntry = Static<typeof ModuleEntry>

const Modules = Type.Array(ModuleEntry, { maxItems: 200 })

/** The centre itself. Its id is chosen once; what else is said here is so from the next start on, and what is not said stays as it is. */
export const CentreEntry = Type.Object(
  {
    id: Type.Optional(Site.properties.id),
    name: Type.Optional(Site.properties.name),
    timeZone: Type.Optional(Site.properties.timeZone),
    vatRegime: Type.Optional(Site.properties.vatRegime),
  },
  closed,
)
export type CentreEntry = Static<typeof CentreEntry>

/** A till that is made where it is missing; one that is there is left as it is. */
export const RegisterEntry = Type.Object({ id: Register.properties.id, name: Register.properties.name }, closed)
export type RegisterEntry = Static<typeof RegisterEntry>

/**
 * `recyclique.yaml`: what this installation is, which modules it runs, and how. A profile is laid over the list of modules;
 * `RECYCLIQUE_PROFILE` chooses it, else `profile` does.
 */
export const InstanceConfig = Type.Object(
  {
    site: Type.Optional(CentreEntry),
    registers: Type.Optional(Type.Array(RegisterEntry, { maxItems: 100 })),
    modules: Type.Optional(Modules),
    /** Who must have signed a module that is added or upgraded. */
    signatures: Type.Optional(TrustEntry),
    profile: Type.Optional(ProfileName),
    profiles: Type.Optional(Type.Record(ProfileName, Type.Object({ modules: Type.Optional(Modules) }, closed), closed)),
  },
  closed,
)
export type InstanceConfig = Static<typeof InstanceConfig>

/** The same as a document for editors and other tools: JSON Schema 2020-12, published as `docs/recyclique.schema.json`. */
export const instanceConfigDocument = (): object => ({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'recyclique.yaml',
  ...(JSON.parse(JSON.stringify(InstanceConfig)) as object),
})
