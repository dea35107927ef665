/** An amount as Paheko reads it, in cents; `undefined` for one that it calls invalid. `null` where there is none. */
export const centsOf = (given: unknown): number | null | undefined => {
  if (given === undefined || given === null || given === '' || given === false) return null
  if (given === true) return 100
  if (typeof given === 'object' || (typeof given === 'number' && given >= 1e15)) return undefined
  const text = spelled(given).replace(/[\s\u00a0\u202f]/g, '')
  const [, whole = '', decimals = ''] = /^[-+]?(\d*|\d{1,3}(?:[.,]\d{3})+)(?:[.,](\d+))?$/.exec(text) ?? [
    undefined,
    'no',
  ]
  if (whole === 'no' || (whole === '' && decimals === '')) return undefined
  const euros = whole.replace(/[.,]/g, '')
  return Number(`${euros || '0'}${decimals.padEnd(2, '0').slice(0, 2)}`)
}

/** A number as PHP writes it: fourteen digits. */
const spelled = (given: unknown): string =>
  typeof given === 'number' && !Number.isInteger(given) ? String(Number(given.toPrecision(14))) : String(given)
