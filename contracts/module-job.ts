import { type Static, Type } from '@sinclair/typebox'
import { Instant, Line, Word } from './text.ts'

/** Five fields as cron has them, in the time zone of the site. */
const Cron = Type.String({ minLength: 9, maxLength: 100, description: 'five fields such as 30 6 * * 1-5' })

/** What a module does at a time: by its own `cron`, or whenever it sets one itself. The kernel keeps when, and calls one process. */
export const ModuleJob = Type.Object(
  {
    name: Word,
    description: Type.Optional(Line(200)),
    cron: Type.Optional(Cron),
    /** How long one run may take; a minute where nothing is said. */
    timeoutMs: Type.Optional(Type.Integer({ minimum: 1, maximum: 600_000 })),
  },
  { additionalProperties: false },
)
export type ModuleJob = Static<typeof ModuleJob>

/** A job's own name among those of its module; one that is set again under the same id takes the place of the first. */
export const JobId = Type.String({
  pattern: '^[A-Za-z0-9._:-]{1,96}$',
  description: "1 to 96 of A-Z, a-z, 0-9, '.', '_', ':' and '-'",
})

/** `job.set`: at a time, or again and again. */
export const JobSet = Type.Object({
  id: JobId,
  job: Word,
  at: Type.Optional(Instant),
  cron: Type.Optional(Cron),
  data: Type.Optional(Type.Unknown()),
})
export type JobSet = Static<typeof JobSet>

/** `job.cancel`. Answered with whether it was there. */
export const JobCancel = Type.Object({ id: JobId })

/** A job that waits, or that failed too often and waits for nothing (`nextAt` absent). */
export const JobView = Type.Object({
  id: JobId,
  job: Word,
  cron: Type.Optional(Cron),
  nextAt: Type.Optional(Instant),
  /** Of the run that is due now; 0 before the first try. */
  attempts: Type.Integer(),
  lastRunAt: Type.Optional(Instant),
  lastError: Type.Optional(Type.String()),
})
export type JobView = Static<typeof JobView>
