import { styleText } from 'node:util'
import { CHAPTERS } from './cases/all.ts'
import type { Report, Result } from './conform.ts'

export interface ReportScreen {
  begin(words: string): void
  hear(result: Result): void
  end(report: Report): void
}

type Out = Pick<NodeJS.WriteStream, 'write'> & { isTTY?: boolean }

const MARKS = { passed: '✓', failed: '✗', 'not-applicable': '·', 'not-run': '?' } as const
const COLOURS = { passed: 'green', failed: 'red', 'not-applicable': 'dim', 'not-run': 'yellow' } as const

/** The report as a person reads it, line by line as it comes. Colours on a terminal only, and never where NO_COLOR is set. */
export const makeReportScreen = (out: Out, env: NodeJS.ProcessEnv): ReportScreen => {
  const isColoured = out.isTTY === true && !env.NO_COLOR
  const paint = (style: Parameters<typeof styleText>[0], text: string) =>
    isColoured ? styleText(style, text, { validateStream: false }) : text
  const print = (line: string) => void out.write(`${line}\n`)
  let chapter = ''
  return {
    begin: (words) => print(words),
    hear({ name, words, state, seen, todo }) {
      const title = CHAPTERS.find(({ cases }) => cases.some((one) => one.name === name))?.title ?? ''
      if (title !== chapter) print(`\n${paint('bold', title)}`)
      chapter = title
      const mark = paint(COLOURS[state], MARKS[state])
      if (state === 'failed') {
        print(`  ${mark} ${words}  ${paint('dim', `[${name}]`)}`)
        print(indented(seen ?? ''))
        print(indented(`→ ${todo}`))
        return
      }
      const rest =
        seen === undefined ? '' : paint('dim', ` (${state === 'not-applicable' ? `not applicable: ${seen}` : seen})`)
      print(`  ${mark} ${state === 'not-applicable' ? paint('dim', words) : words}${rest}`)
    },
    end({ module, version, results, hasPassed, ms }) {
      const count = (state: Result['state']) => results.filter((one) => one.state === state).length
      const counts = [
        `${count('passed')} passed`,
        `${count('failed')} failed`,
        `${count('not-applicable')} not applicable`,
        ...(count('not-run') > 0 ? [`${count('not-run')} not run`] : []),
      ]
      const verdict = hasPassed ? paint('green', 'conforms') : paint('red', 'does not conform')
      print(`\n${module} ${version} ${verdict}: ${counts.join(', ')} (${(ms / 1000).toFixed(1)} s)`)
      const failed = results.filter(({ state }) => state === 'failed').map(({ name }) => name)
      if (failed.length > 0) print(`Try one alone with --only ${failed[0]}, and see what it writes with --log.`)
    },
  }
}

const indented = (text: string): string =>
  text
    .split('\n')
    .map((line) => `      ${line}`)
    .join('\n')
