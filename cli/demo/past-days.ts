const DAY_MS = 86_400_000
const SUNDAY = 0

/** The last `count` days before `today` on which the centre was open (no Sundays), the earliest first. Days are `YYYY-MM-DD`. */
export const pastDays = (today: string, count: number): string[] => {
  const days: string[] = []
  for (let ms = Date.parse(`${today}T12:00:00Z`) - DAY_MS; days.length < count; ms -= DAY_MS)
    if (new Date(ms).getUTCDay() !== SUNDAY) days.unshift(new Date(ms).toISOString().slice(0, 10))
  return days
}
