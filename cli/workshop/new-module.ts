import { mkdir, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { BadUse } from '../bad-use.ts'
import { linkSdk } from './link-sdk.ts'
import { filesOf, KINDS, type Kind, LANGUAGES, type Language } from './new-module-files.ts'

type NewModule = {
  name: string
  /** `module` where nothing is said. */
  kind?: string
  /** `ts` where nothing is said. */
  language?: string
  /** The folder in which the module's own is made, such as `modules`. */
  into: string
  /** The version of the kernel that it is written for. */
  kernel: string
}

const NAME = /^[a-z](?:[a-z0-9-]{0,22}[a-z0-9])?$/

/**
 * Writes a module that runs and does something of use. Gives its folder. Throws a `BadUse` for a name that is none, a kind or a language
 * that is not there, and for a folder that is there.
 */
export const newModule = async ({
  name,
  kind = 'module',
  language = 'ts',
  into,
  kernel,
}: NewModule): Promise<string> => {
  const said = { name, kernel, kind: chosen(KINDS, kind, 'kind'), language: chosen(LANGUAGES, language, 'language') }
  if (!NAME.test(name))
    throw new BadUse(
      `'${name}' is no name for a module: use 1 to 24 of a-z, 0-9 and -, a letter first, as in shelf-labels`,
    )
  const folder = join(into, name)
  if (await stat(folder).catch(() => undefined))
    throw new BadUse(`${folder} is there already: choose another name, or take it away`)
  for (const [path, text] of Object.entries(filesOf(said))) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text, { flag: 'wx' })
  }
  if (said.language === 'ts') await linkSdk(folder)
  return folder
}

const chosen = <T extends Kind | Language>(from: readonly T[], said: string, what: string): T => {
  const found = from.find((one) => one === said)
  if (!found) throw new BadUse(`there is no ${what} '${said}': choose from ${from.join(', ')}`)
  return found
}
