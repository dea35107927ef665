import { Cron } from 'croner'

/** Why this is no time table; undefined for one that is. Five fields, as cron has them: no seconds, no year. */
export const cronFlaw = (cron: string): string | undefined => {
  if (cron.trim().split(/\s+/).length !== 5) return 'must have five fields, as in 30 6 * * 1-5'
  try {
    return new Cron(cron, { paused: true }).nextRun() ? undefined : 'names no moment that ever comes'
  } catch (error) {
    return `cannot be read (${(error as Error).message})`
  }
}

/** The next moment behind `afterMs`, in milliseconds since 1970, by the clock of this time zone: where the hour is set forward, a moment that is left out comes right after. */
export const nextAt = (cron: string, timeZone: string, afterMs: number): number | null =>
  new Cron(cron, { paused: true, timezone: timeZone }).nextRun(new Date(afterMs))?.getTime() ?? null
