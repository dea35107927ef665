/** A day as Paheko reads it, `YYYY-MM-DD`; or what it says instead. */
export type DayRead = { readonly day: string } | { readonly error: string } | { readonly crash: true }

export const dayOf = (given: unknown): DayRead => {
  if (given === null || given === '') return { crash: true }
  if (typeof given !== 'string') return { error: 'Invalid date object' }
  const text = given.trim()
  if (/^\d{9,10}$/.test(text)) return { day: new Date(Number(text) * 1000).toISOString().slice(0, 10) }
  const [, y, m, d] = /^(\d{4})-?(\d\d)-?(\d\d)(?:[T ]\d\d:\d\d(?::\d\d)?)?$/.exec(text) ?? []
  if (y) return { day: rolled(Number(y), Number(m), Number(d)) }
  const [, day, month, year] = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/.exec(text) ?? []
  if (year) return { day: rolled(Number(year), Number(month), Number(day)) }
  return { error: `Format de date invalide (merci d'utiliser le format JJ/MM/AAAA) : ${given}` }
}

/** A day that there is not becomes a later one, without a word. */
const rolled = (year: number, month: number, day: number): string =>
  new Date(Date.UTC(year, month - 1, day)).toISOString().slice(0, 10)

export const french = (day: string): string => day.split('-').reverse().join('/')
