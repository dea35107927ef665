import { closeSync, fstatSync, fsyncSync, ftruncateSync, mkdirSync, openSync, readSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** One line of the head file: how far the chain had come after a commit. */
export interface Head {
  readonly position: number
  readonly hash: string
}

/**
 * The file beside the key that remembers every sealed head, one line a commit: `<position> <hash>`.
 *
 * It shows a truncated tail: who cuts the last rows off the database leaves this file ahead of it. It is written after the
 * commit and without an fsync of its own: after a power cut it may be behind, which proves nothing and is caught up at the
 * next start; it is never ahead.
 */
export interface HeadFile {
  readonly last: Head | undefined
  append(head: Head): void
  close(): void
}

export const openHeadFile = (file: string): HeadFile => {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  // 'a+' and not 'a': what is there is read through the same descriptor.
  const fd = openSync(file, 'a+', 0o600)
  cutTornEnd(fd)
  fsyncSync(fd)
  let last = lastHead(fd)
  return {
    get last() {
      return last
    },
    append(head) {
      // Not writeSync: that may write a part only, and says so in a number.
      writeFileSync(fd, lineOf(head))
      last = head
    },
    close: () => closeSync(fd),
  }
}

/** The last whole line of a head file that nobody changes by looking; undefined where there is no file, or no line. */
export const readLastHead = (file: string): Head | undefined => {
  let fd: number
  try {
    fd = openSync(file, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  try {
    return lastHead(fd)
  } finally {
    closeSync(fd)
  }
}

export const lineOf = ({ position, hash }: Head): string => `${position} ${hash}\n`

/** A line of the head file as it stands there; `head` is missing where it says nothing that a commit would write. */
export interface HeadLine {
  readonly number: number
  readonly text: string
  readonly head: Head | undefined
}

/** The head file up to where it reached when it was opened, line by line, however much is appended meanwhile. */
export interface HeadLines {
  next(): HeadLine | undefined
  /** What stands behind the last line feed, once `next` has given everything: a line that was cut short, or nothing. */
  torn(): string
  close(): void
}

const CHUNK = 65_536

export const openHeadLines = (file: string): HeadLines => {
  const fd = openSync(file, 'r')
  const { size } = fstatSync(fd)
  const chunk = Buffer.alloc(CHUNK)
  let at = 0
  let number = 0
  let lines: string[] = []
  let rest = ''
  const readOn = () => {
    const length = readSync(fd, chunk, 0, Math.min(CHUNK, size - at), at)
    at = length === 0 ? size : at + length
    // Latin-1: each byte is one letter, so that a byte that was altered cannot be decoded into the one that stood there.
    const parts = (rest + chunk.toString('latin1', 0, length)).split('\n')
    rest = parts.pop() ?? ''
    lines = parts.reverse()
  }
  return {
    next() {
      while (lines.length === 0 && at < size) readOn()
      const text = lines.pop()
      if (text === undefined) return undefined
      number += 1
      return { number, text, head: headOf(text) }
    },
    torn: () => rest,
    close: () => closeSync(fd),
  }
}

const headOf = (line: string): Head | undefined => {
  const [, position, hash] = /^([1-9]\d{0,15}) ([0-9a-f]{64})$/.exec(line) ?? []
  return position === undefined || hash === undefined ? undefined : { position: Number(position), hash }
}

/** Far more than one line, so that the last whole one is always in it. */
const TAIL = 4096

const tailOf = (fd: number): { text: string; from: number } => {
  const { size } = fstatSync(fd)
  const from = Math.max(0, size - TAIL)
  const bytes = Buffer.alloc(size - from)
  readSync(fd, bytes, 0, bytes.length, from)
  return { text: bytes.toString('latin1'), from }
}

/** A power cut may leave half a line (or zeros): the next line must not be written behind it. */
const cutTornEnd = (fd: number) => {
  const { text, from } = tailOf(fd)
  const end = text.lastIndexOf('\n') + 1
  if (end < text.length && (end > 0 || from === 0)) ftruncateSync(fd, from + end)
}

/** The last line. One that says nothing sensible is given as position NaN, which fits no row. */
const lastHead = (fd: number): Head | undefined => {
  const line = tailOf(fd).text.split('\n').at(-2)
  return line === undefined ? undefined : (headOf(line) ?? { position: Number.NaN, hash: line })
}
