import { closeSync, fstatSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { CannotDo } from '../bad-use.ts'
import { type Level, readLogLine } from './log-line.ts'
import type { Screen } from './screen.ts'

export type LogFolder = { folder: string; mostMb: number }

/** Everybody's log as lines of JSON, in files of which the oldest go. */
export interface LogFiles {
  /** A line as a child wrote it. */
  readonly hear: (source: string, line: string) => void
  /** A line of our own. */
  readonly say: (text: string, level: Level) => void
  readonly close: () => void
}

/** The one that is written, and four before it: what is thrown away at once is a fifth of all. */
const FILES = 5
const MB = 1024 * 1024

type Parts = LogFolder & {
  now: () => Date
  /** Hears once why nothing can be written, and again when that has changed. */
  trouble: (words: string) => void
}

/**
 * Opens `recyclique.log` in the folder; a full one becomes `recyclique.1.log`, that one `recyclique.2.log`, and the oldest is deleted, so that they
 * never hold more than `mostMb`. A disk that is full keeps nobody from working: what cannot be written is lost. Throws a `CannotDo` where
 * nothing can be written from the start.
 */
export const openLogFiles = ({ folder, mostMb, now, trouble }: Parts): LogFiles => {
  const mostBytes = Math.floor((mostMb * MB) / FILES)
  const file = (nth: number) => join(folder, nth === 0 ? 'recyclique.log' : `recyclique.${nth}.log`)
  let open = openFirst(folder, file(0))
  let lastTrouble: string | undefined

  const turn = (): void => {
    rmSync(file(FILES - 1), { force: true })
    for (let nth = FILES - 2; nth >= 0; nth -= 1) moveIfThere(file(nth), file(nth + 1))
    const full = open
    open = openFile(file(0))
    closeSync(full.fd)
  }

  const write = (line: string): void => {
    const bytes = Buffer.from(`${line}\n`)
    try {
      if (open.size > 0 && open.size + bytes.length > mostBytes) turn()
      open.size += writeSync(open.fd, bytes)
      lastTrouble = undefined
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      if (code !== lastTrouble) trouble(`the log in ${folder} cannot be written, and lines are lost: ${message}`)
      lastTrouble = code
    }
  }
  const plain = (source: string, level: number, msg: string) =>
    write(JSON.stringify({ source, level, time: now().getTime(), msg }))

  return {
    hear: (source, line) => {
      if (line.trim() === '') return
      if (isObject(line)) write(`{"source":${JSON.stringify(source)},${line.trimStart().slice(1)}`)
      else plain(source, LEVELS[readLogLine(line)?.level ?? 'info'], line)
    },
    say: (text, level) => plain('recyclique', LEVELS[level], text),
    close: () => closeSync(open.fd),
  }
}

/** pino's numbers. */
const LEVELS: Readonly<Record<Level, number>> = { info: 30, warn: 40, error: 50 }

/** The same screen, which keeps what it hears and says in files as well. */
export const keepingLog = (screen: Screen, log: LogFiles): Screen => ({
  ...screen,
  say: (text, level = 'info') => {
    log.say(text, level)
    screen.say(text, level)
  },
  hear: (source, line) => {
    log.hear(source, line)
    screen.hear(source, line)
  },
})

const openFirst = (folder: string, path: string) => {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    return openFile(path)
  } catch (cause) {
    throw new CannotDo(
      `the log cannot be kept in ${folder}: ${(cause as Error).message}. Name another folder with --log-dir, or make this one writable.`,
      { cause },
    )
  }
}

/** Names of people and amounts may stand in a log: nobody else reads it. */
const openFile = (path: string): { fd: number; size: number } => {
  const fd = openSync(path, 'a', 0o600)
  return { fd, size: fstatSync(fd).size }
}

const moveIfThere = (from: string, to: string): void => {
  try {
    renameSync(from, to)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}

const isObject = (line: string): boolean => {
  try {
    const value: unknown = line.trimStart().startsWith('{"') ? JSON.parse(line) : undefined
    return typeof value === 'object' && value !== null
  } catch {
    return false
  }
}
