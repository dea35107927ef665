import { type FlawList, placeOf } from './flaw.ts'
import { type Head, type HeadLine, type HeadLines, lineOf, openHeadLines } from './head-file.ts'
import type { LedgerRow } from './row.ts'

/** Walks the head file beside the seals. */
export interface HeadCheck {
  /** To be called for each sealed row, in order. */
  pass(row: LedgerRow): void
  /** To be called behind the last one; gives a note when the file is behind. */
  end(last: number): string | undefined
  close(): void
}

/**
 * The head file has one line for each seal, from the first on: another line, a missing one, or one of a position that the ledger
 * has not is a flaw. That it ends before the ledger does is none: it is not forced to disk.
 *
 * Must be opened before the ledger is looked at. A line is written after its commit, so that a ledger that is looked at later has
 * every line's position: one that it has not was cut off.
 */
export const openHeadCheck = (file: string, flaws: FlawList): HeadCheck => {
  let lines: HeadLines
  try {
    lines = openHeadLines(file)
  } catch (error) {
    return missing(flaws, error)
  }
  let line = lines.next()
  let previous: Head | undefined
  let behind = 0
  let expected = ''
  const advance = () => {
    previous = line?.head ?? previous
    line = lines.next()
  }
  const fault = (row: LedgerRow, why: string) => flaws.add({ what: 'head-file', ...placeOf(row), why })

  return {
    pass(row) {
      while (line?.head && line.head.position < row.position) {
        flaws.add(lineFlaw(line, previous, 'which is no sealed position'))
        advance()
      }
      if (!line) {
        if (behind === 0) expected = lineOf(row)
        behind += 1
      } else if (!line.head) {
        fault(row, `line ${line.number} of the head file was altered: it is not a position and a hash`)
        advance()
      } else if (line.head.position > row.position) fault(row, 'the head file has lost the line of this position')
      else {
        if (line.head.hash !== row.hash)
          fault(row, `line ${line.number} of the head file has another hash for this row`)
        advance()
      }
    },
    end(last) {
      const torn = lines.torn()
      if (!isCutShort(torn, expected)) flaws.add({ what: 'head-file', why: 'the end of the head file was altered' })
      if (line) flaws.add(beyond(line, lines, last))
      return behind > 0
        ? `the head file is ${behind} seal(s) behind: the next start of the kernel catches up`
        : undefined
    },
    close: () => lines.close(),
  }
}

const missing = (flaws: FlawList, error: unknown): HeadCheck => {
  const isGone = (error as NodeJS.ErrnoException).code === 'ENOENT'
  const why = isGone ? 'the head file is gone' : `the head file cannot be read: ${(error as Error).message}`
  return {
    pass: () => undefined,
    end(last) {
      if (last > 0 || !isGone)
        flaws.add({ what: 'head-file', why: `${why}: a cut-off end of the ledger would not show` })
      return undefined
    },
    close: () => undefined,
  }
}

/** A power cut leaves a beginning of the line that was to come, or zeros. */
const isCutShort = (torn: string, expected: string) => {
  const text = torn.replace(/\0+$/, '')
  return text === '' || expected.startsWith(text)
}

const lineFlaw = ({ number, head }: HeadLine, previous: Head | undefined, why: string) => ({
  what: 'head-file' as const,
  position: head?.position ?? (previous?.position ?? 0) + 1,
  why: `line ${number} of the head file says ${head ? `position ${head.position}` : 'nothing that a commit writes'}, ${why}`,
})

/** What the file still says behind the last seal: the ledger went further once. */
const beyond = (first: HeadLine, lines: HeadLines, last: number) => {
  let furthest = first
  for (let line = lines.next(); line; line = lines.next()) if (line.head) furthest = line
  const reached = furthest.head?.position
  if (reached === undefined || reached <= last)
    return lineFlaw(first, undefined, 'behind the last seal: a seal was taken away, or the line was added')
  return {
    what: 'head-file' as const,
    position: last + 1,
    why: `the ledger ends at position ${last}, but ${reached} was reached before: its end was cut off`,
  }
}
