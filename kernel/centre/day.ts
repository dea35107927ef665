import { refuse } from '../errors.ts'
import type { Moment } from '../ledger/rule.ts'

/** Every zone's midnight falls on a quarter of an hour, so that the day is the same all through one. */
const QUARTER_MS = 900_000

/** Gives the day of an instant in a time zone, `YYYY-MM-DD`. Formatting is slow and asked for every sale: once a quarter will do. */
export const dayIn = (timeZone: string): ((instant: Date) => string) => {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' })
  let quarter = Number.NaN
  let day = ''
  return (instant) => {
    const now = Math.floor(instant.getTime() / QUARTER_MS)
    if (now !== quarter) {
      quarter = now
      day = format.format(instant)
    }
    return day
  }
}

/** The day, if it stands in the calendar; else refuses, naming the field. */
export const realDay = (date: string, field: string): string => {
  const instant = new Date(`${date}T00:00:00Z`)
  const isReal = !Number.isNaN(instant.getTime()) && instant.toISOString().startsWith(date)
  return isReal ? date : refuse('date-unreal', { date }, field)
}

/** The business date of an act: today, or for paper that is entered late a real day that is not in the future. */
export const businessDateOf = (stated: string | undefined, { today }: Moment, field = '/businessDate'): string => {
  const date = realDay(stated ?? today, field)
  return date > today ? refuse('date-in-future', { date, today }, field) : date
}
