import type { Read } from '../store/port.ts'
import { dayIn } from './day.ts'
import { findRecord } from './records.ts'

/** The site's day of an instant; follows the site when its time zone is changed. */
export interface Calendar {
  dayOf(instant: Date): string
  timeZone(): string
  /** Looks at the site again: to be called when something was kept. */
  refresh(): Promise<void>
}

export const openCalendar = async (read: Read, site: string): Promise<Calendar> => {
  const zone = async () => (await findRecord(read, 'site', site))?.timeZone ?? 'Europe/Paris'
  let timeZone = await zone()
  let day = dayIn(timeZone)
  return {
    dayOf: (instant) => day(instant),
    timeZone: () => timeZone,
    async refresh() {
      const now = await zone()
      if (now === timeZone) return
      timeZone = now
      day = dayIn(now)
    },
  }
}
