import { type Static, Type } from '@sinclair/typebox'
import { ModuleName } from './manifest.ts'
import { ConfigView } from './module-config.ts'
import { Line, OneOf } from './text.ts'

const closed = { additionalProperties: false }

/** One module as the installation's own list wants it. */
export const WantedModule = Type.Object(
  {
    name: ModuleName,
    /** Shall it work? Left out by whoever starts and stops the modules, and so has them rest without the kernel's help. */
    enabled: Type.Optional(Type.Boolean()),
    /** Everything that the list sets for it; secrets as references. */
    config: Type.Optional(Type.Record(Type.String({ maxLength: 64 }), Type.Unknown(), { maxProperties: 200 })),
    /** Where that was said: a file, a command. */
    origin: Line(200, { minLength: 1 }),
  },
  closed,
)
export type WantedModule = Static<typeof WantedModule>

/**
 * What an installation wants, in its order: whoever has no rank yet is given one in this order, the last one the newest. A module that the
 * list does not name stays as it is.
 */
export const WantedModules = Type.Object(
  {
    items: Type.Array(WantedModule, { maxItems: 200 }),
    /** Only says what would change. */
    dryRun: Type.Optional(Type.Boolean()),
  },
  closed,
)
export type WantedModules = Static<typeof WantedModules>

/** What the list changes for one module; nothing of it is there where nothing changes. */
export const WantedOutcome = Type.Object({
  module: Type.String(),
  /** The place that it was given now. */
  rank: Type.Optional(Type.Integer({ minimum: 1 })),
  /** The list says something else than before, so that it rests or works from now on. */
  desired: Type.Optional(OneOf('enabled', 'disabled')),
  /** The settings that the list says otherwise than before. Values only of what is known to be no secret. */
  settings: Type.Array(
    Type.Object({
      key: Type.String(),
      was: Type.Optional(Type.Unknown()),
      is: Type.Optional(Type.Unknown()),
      secret: Type.Boolean(),
      /** Taken out of the list: its default holds, or what was set by hand. */
      isGone: Type.Boolean(),
      /** What was set by hand over it, and where: the list's new word takes its place. */
      lifts: Type.Optional(Type.String()),
    }),
  ),
  /** Why nothing of its configuration was taken: then what the list said last stays in force. */
  refused: Type.Optional(Type.String()),
  /** Which processes took it; absent where nothing of its configuration changed. */
  taken: ConfigView.properties.taken,
  /** It has no schema of what can be set: it reads its configuration once, when it is started. */
  isReadAtStart: Type.Optional(Type.Boolean()),
})
export type WantedOutcome = Static<typeof WantedOutcome>
