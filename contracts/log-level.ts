import { type Static, Type } from '@sinclair/typebox'
import { OneOf } from './text.ts'

/** How much a process writes into its log, from everything to nothing: the levels of pino. */
export const LogLevel = OneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent')
export type LogLevel = Static<typeof LogLevel>

/** The message of `control.log-level`, and the body of the routes. It holds until the process ends, and is kept nowhere. */
export const SetLogLevel = Type.Object({ level: LogLevel }, { additionalProperties: false })
export type SetLogLevel = Static<typeof SetLogLevel>

/** Which processes of a module write so from now on; of the others why not. */
export const LogLevelTaken = Type.Object({
  module: Type.String(),
  level: LogLevel,
  taken: Type.Array(Type.Object({ instance: Type.String(), ok: Type.Boolean(), words: Type.Optional(Type.String()) })),
})
export type LogLevelTaken = Static<typeof LogLevelTaken>
