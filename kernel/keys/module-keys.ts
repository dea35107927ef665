import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isToken } from '../../contracts/subjects.ts'
import type { Account } from './accounts.ts'
import { type Keyring, seedOf } from './keyring.ts'
import { createNkey, type Nkey } from './nkey.ts'
import { makePrivateFolder, readIfThere, writeOnce } from './private-files.ts'

export type ModuleKeys = { account: Nkey; user: Nkey }

/** A module's two keys, made at the first call. They stay when the module goes, so that its credentials hold when it comes back. */
export const moduleKeys = async (keyring: Keyring, module: string): Promise<ModuleKeys> => {
  // The name becomes a path: a token contains neither a dot nor a slash.
  if (!isToken(module)) throw new RangeError(`'${module}' is no name for a module: use 1 to 32 of a-z, 0-9 and -`)
  const folder = join(modulesFolder(keyring), module)
  await makePrivateFolder(folder)
  // The account last: where it is, the module is known, and complete.
  await makeSeedOnce(folder, 'user')
  await makeSeedOnce(folder, 'account')
  return { account: await seedOf(folder, 'account.seed', 'account'), user: await seedOf(folder, 'user.seed', 'user') }
}

/** Every module that has keys here and was not expelled, by name: the kernel's account lets in the answers of these. */
export const knownModules = async (keyring: Keyring): Promise<Account[]> => {
  const names = (await readdir(modulesFolder(keyring)).catch(() => [])).filter(isToken).sort()
  const modules = await Promise.all(names.map((name) => standing(keyring, name)))
  return modules.filter(({ isExpelled }) => !isExpelled).map(({ name, publicKey }) => ({ name, publicKey }))
}

/** Writes down that a module is out, or that it may come in again. It has keys already. */
export const markExpelled = async (keyring: Keyring, module: string, isExpelled: boolean): Promise<void> => {
  const mark = expelledMark(keyring, module)
  if (isExpelled) await writeOnce(mark, 'Out by order of the operator; its keys are kept.')
  else await rm(mark, { force: true })
}

const standing = async (keyring: Keyring, name: string) => {
  const { account } = await moduleKeys(keyring, name)
  const isExpelled = (await readIfThere(expelledMark(keyring, name))) !== undefined
  return { name, publicKey: account.publicKey, isExpelled }
}

const expelledMark = (keyring: Keyring, module: string): string => join(modulesFolder(keyring), module, 'expelled')

const modulesFolder = ({ folder }: Keyring): string => join(folder, 'modules')

const makeSeedOnce = async (folder: string, kind: 'account' | 'user'): Promise<void> => {
  await writeOnce(join(folder, `${kind}.seed`), createNkey(kind).seed)
}
