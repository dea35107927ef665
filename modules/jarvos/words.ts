const KILOS = new Intl.NumberFormat('fr-FR', { minimumFractionDigits: 1, maximumFractionDigits: 3 })
const EUROS = new Intl.NumberFormat('fr-FR', { style: 'currency', currency: 'EUR' })

/** For the person who confirms. */
export const kilos = (grams: number): string => `${KILOS.format(grams / 1000)} kg`
export const euros = (cents: number): string => EUROS.format(cents / 100)

/** On one line, at most so long. */
export const clipped = (text: string, most: number): string => {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  return line.length <= most ? line : `${line.slice(0, most - 1)}…`
}

/** Arguments, one a line. What an assistant wrote cannot pretend to be another line of the question. */
export const inLines = (input: Readonly<Record<string, unknown>>): string[] =>
  Object.entries(input)
    .slice(0, 20)
    .map(
      ([key, value]) =>
        `- ${clipped(key, 40)} : ${clipped(typeof value === 'string' ? value : JSON.stringify(value), 200)}`,
    )
