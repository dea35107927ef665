import type { Measured } from './measure.ts'

/** A table in Markdown, as the page of figures has it. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')

export const grouped = (number: number): string => Math.round(number).toLocaleString('en-GB')
export const fixed = (number: number, digits = 2): string => number.toFixed(digits)

/** What one of them did over the rounds: the round of the median speed, and how ours stood beside it in each. */
export interface Standing extends Measured {
  readonly name: string
  /** Ours divided by this one, the median over the rounds, each beside its own neighbour in time. */
  readonly oursToIt: number
}

export const askTable = (label: string, standings: readonly Standing[]): string =>
  table(
    [label, 'calls /s', 'p50 µs', 'p99 µs', 'asker’s CPU, µs', 'ours / it'],
    standings.map(({ name, perSecond, p50Us, p99Us, cpuUs, oursToIt }) => [
      ...[name, grouped(perSecond), grouped(p50Us), grouped(p99Us), grouped(cpuUs), fixed(oursToIt)],
    ]),
  )

export interface Aim {
  readonly what: string
  readonly found: number
  readonly bound: number
  readonly is: 'at least' | 'at most'
}

export const aimTable = (aims: readonly Aim[]): string =>
  table(
    ['aim', 'found', 'bound', ''],
    aims.map(({ what, found, bound, is }) => {
      const isMet = is === 'at least' ? found >= bound : found <= bound
      return [what, fixed(found), `${is} ${bound}`, isMet ? 'met' : '**missed**']
    }),
  )
