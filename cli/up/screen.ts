import { styleText } from 'node:util'
import { type Level, readLogLine } from './log-line.ts'

/** What a person sees of a run: what we say, and everybody's log in one. */
export type Screen = {
  /** Prints as it is, at once. */
  print: (text: string) => void
  /** Our own line in the log. */
  say: (text: string, level?: Level) => void
  /** A line that a child wrote. */
  hear: (source: string, line: string) => void
  /** The start is over: what was held back is shown, and from now on everything at once. */
  open: () => void
  /** A child's last lines, as it wrote them. */
  lastWords: (source: string) => string[]
}

type Out = Pick<NodeJS.WriteStream, 'write'> & { isTTY?: boolean }

const KEPT = 15
const SOURCE_COLOURS = ['cyan', 'magenta', 'blue', 'green'] as const

/**
 * Until `open` only warnings and errors are kept of the log, so that the start-up tree comes first and whole. Colours on a terminal
 * only, and never where NO_COLOR is set.
 */
export const makeScreen = (out: Out, env: NodeJS.ProcessEnv, now: () => Date): Screen => {
  const isColoured = out.isTTY === true && !env.NO_COLOR
  const sources: string[] = []
  const words = new Map<string, string[]>()
  let held: string[] | undefined = []

  const paint = (style: Parameters<typeof styleText>[0], text: string) =>
    isColoured ? styleText(style, text, { validateStream: false }) : text
  const print = (text: string) => void out.write(`${text}\n`)

  const show = (source: string, { level, text, at }: { level: Level; text: string; at?: Date }) => {
    const line = [
      paint('dim', timeOf(at ?? now())),
      paint(colourOf(source), source.padEnd(12)),
      level === 'info' ? text : paint(level === 'warn' ? 'yellow' : 'red', text),
    ].join(' ')
    if (!held) print(line)
    else if (level !== 'info') held.push(line)
  }

  const colourOf = (source: string) => {
    if (!sources.includes(source)) sources.push(source)
    return SOURCE_COLOURS[sources.indexOf(source) % SOURCE_COLOURS.length] ?? 'cyan'
  }

  return {
    print,
    say: (text, level = 'info') => show('recyclique', { level, text }),
    hear: (source, line) => {
      const last = words.get(source) ?? []
      words.set(source, [...last, line].slice(-KEPT))
      const read = readLogLine(line)
      if (read) show(source, read)
    },
    open: () => {
      for (const line of held ?? []) print(line)
      held = undefined
    },
    lastWords: (source) => words.get(source) ?? [],
  }
}

const timeOf = (at: Date): string => at.toTimeString().slice(0, 8)
