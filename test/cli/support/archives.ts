import { writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { Header } from 'tar'

export type Entry = {
  path: string
  text?: string
  type?: 'File' | 'Directory' | 'SymbolicLink' | 'Link' | 'CharacterDevice' | 'FIFO'
  linkpath?: string
  /** What its head claims, where that is not so. */
  size?: number
}

/** An archive as nobody's tool would write it: each entry is what it says, whatever that would do. */
export const writeArchive = (file: string, entries: readonly Entry[], tail = 1_024): string => {
  const parts = entries.flatMap(({ path, text = '', type = 'File', linkpath, size }) => {
    const content = Buffer.from(text)
    const head = Buffer.alloc(512)
    const header = new Header({ path, type, mode: 0o644, size: size ?? content.length, mtime: new Date(0) })
    if (linkpath !== undefined) header.linkpath = linkpath
    header.encode(head, 0)
    return [head, content, Buffer.alloc((512 - (content.length % 512)) % 512)]
  })
  writeFileSync(file, gzipSync(Buffer.concat([...parts, Buffer.alloc(tail)])))
  return file
}
