import { mkdir, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { BadUse } from '../bad-use.ts'
import { filesOf } from './new-module-files.ts'

type NewModule = {
  name: string
  /** The folder in which the module's own is made, such as `modules`. */
  into: string
  /** The version of the kernel that it is written for. */
  kernel: string
}

const NAME = /^[a-z](?:[a-z0-9-]{0,22}[a-z0-9])?$/

/**
 * Writes a module that runs: it hears sales, adds them up and shows them. Gives its folder. Throws a `BadUse` for a name that is none, and
 * for a folder that is there.
 */
export const newModule = async ({ name, into, kernel }: NewModule): Promise<string> => {
  if (!NAME.test(name))
    throw new BadUse(
      `'${name}' is no name for a module: use 1 to 24 of a-z, 0-9 and -, a letter first, as in shelf-labels`,
    )
  const folder = join(into, name)
  if (await stat(folder).catch(() => undefined))
    throw new BadUse(`${folder} is there already: choose another name, or take it away`)
  for (const [path, text] of Object.entries(filesOf(name, kernel))) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text, { flag: 'wx' })
  }
  return folder
}
