import { writeFile } from 'node:fs/promises'
import { join, parse } from 'node:path'
import type { CommandFile } from '@recyclique/contracts'
import { CannotDo } from '../bad-use.ts'

const MOST_TRIES = 1_000

/** Writes a file that a command brought into a folder, under another number where the name is taken: nothing is ever written over. Gives its path. */
export const writeFileBeside = async (folder: string, { name, data }: CommandFile): Promise<string> => {
  const { name: stem, ext } = parse(name)
  for (let nth = 1; nth <= MOST_TRIES; nth += 1) {
    const path = join(folder, nth === 1 ? name : `${stem}-${nth}${ext}`)
    try {
      await writeFile(path, Buffer.from(data, 'base64'), { flag: 'wx' })
      return path
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException
      if (code !== 'EEXIST') throw new CannotDo(`${path} cannot be written: ${message}`, { cause })
    }
  }
  throw new CannotDo(
    `${join(folder, name)} is there, and ${MOST_TRIES} more of its name: tidy up, or go to another folder`,
  )
}
