import { type Static, Type } from '@sinclair/typebox'
import { ModuleName } from './manifest.ts'
import { Instant } from './text.ts'

const closed = { additionalProperties: false }

/** One version of a module as it was installed: its folder bears name, version and a hash over all that lies in it. */
export const InstalledVersion = Type.Object(
  {
    version: Type.String(),
    /** Its name below the folder of what is installed; never a path. */
    folder: Type.String({ pattern: '^[a-z][A-Za-z0-9.+-]{0,200}$', description: 'the name of a folder' }),
    /** Where it came from, as it could be typed again. */
    source: Type.String(),
    registry: Type.Optional(Type.String()),
    /** Who of those that are trusted here has signed it, where somebody has. */
    signedBy: Type.Optional(Type.String()),
    at: Instant,
  },
  closed,
)
export type InstalledVersion = Static<typeof InstalledVersion>

export const InstalledModule = Type.Object(
  {
    inForce: Type.Optional(InstalledVersion),
    /** What was in force before: `rollback` goes back to it. */
    before: Type.Optional(InstalledVersion),
    /**
     * What is to take the place of the one in force, once it is well; counts for nothing until it has.
     */
    coming: Type.Optional(InstalledVersion),
    /** The last one that did not take the place, and why. */
    failed: Type.Optional(Type.Object({ version: Type.String(), why: Type.String(), at: Instant }, closed)),
  },
  closed,
)
export type InstalledModule = Static<typeof InstalledModule>

/** Which modules were added to an installation, and which version of each is in force. */
export const InstalledSet = Type.Object(
  { form: Type.Literal(1), modules: Type.Record(ModuleName, InstalledModule, closed) },
  closed,
)
export type InstalledSet = Static<typeof InstalledSet>
