import { styleText } from 'node:util'
import type { Finding, Level } from './finding.ts'

const STYLE = { ok: 'green', warn: 'yellow', bad: 'red' } as const
const MARK: Readonly<Record<Level, string>> = { ok: 'ok  ', warn: 'look', bad: 'BAD ' }
const WIDTH = 14

/** A finding as a person reads it: one line, and below it what to do. */
export const linesOf = ({ about, level, words, remedy }: Finding, isColoured: boolean): string => {
  const mark = isColoured ? styleText(STYLE[level], MARK[level], { validateStream: false }) : MARK[level]
  const first = `${mark}  ${about.padEnd(WIDTH)}${words}`
  return remedy === undefined ? first : `${first}\n${' '.repeat(WIDTH + 6)}→ ${remedy}`
}

/** The last line: how much there is to do. */
export const verdictOf = (findings: readonly Finding[]): string => {
  const count = (level: Level) => findings.filter((finding) => finding.level === level).length
  const [wrong, odd] = [count('bad'), count('warn')]
  if (wrong + odd === 0) return 'All is well.'
  const parts = [
    ...(wrong > 0 ? [`${wrong} ${wrong === 1 ? 'thing is' : 'things are'} wrong (BAD)`] : ['Nothing is wrong']),
    ...(odd > 0 ? [`${odd} to look at when there is time (look)`] : []),
  ]
  return `${parts.join(', ')}. Begin at the top: what stands there often explains what stands below.`
}
