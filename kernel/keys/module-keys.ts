import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isToken } from '../../contracts/subjects.ts'
import type { ModuleAccount } from './accounts.ts'
import { type Keyring, seedOf } from './keyring.ts'
import { createNkey, type Nkey } from './nkey.ts'
import { makePrivateFolder, readIfThere, writeAnew, writeOnce } from './private-files.ts'

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

/** Every module that has keys here, by name, with what it was granted; those who were expelled as well. */
export const knownModules = async (keyring: Keyring): Promise<Required<ModuleAccount>[]> => {
  const names = (await readdir(modulesFolder(keyring)).catch(() => [])).filter(isToken).sort()
  return Promise.all(names.map((name) => knownModule(keyring, name)))
}

export const knownModule = async (keyring: Keyring, name: string): Promise<Required<ModuleAccount>> => {
  const { account } = await moduleKeys(keyring, name)
  const isExpelled = (await readIfThere(expelledMark(keyring, name))) !== undefined
  return { name, publicKey: account.publicKey, isExpelled, rights: await rightsKept(keyring, name) }
}

/** Writes down that a module is out, or that it may come in again. It has keys already. */
export const markExpelled = async (keyring: Keyring, module: string, isExpelled: boolean): Promise<void> => {
  const mark = expelledMark(keyring, module)
  if (isExpelled) await writeOnce(mark, 'Out by order of the operator; its keys are kept.')
  else await rm(mark, { force: true })
}

/**
 * Writes down what a module was granted: the server's configuration is made before there is a kernel. What was decided, by whom and when,
 * stands in the ledger; this is a copy of the outcome, which the kernel sets right at its start. It has keys already.
 */
export const keepRights = async (keyring: Keyring, module: string, rights: readonly string[]): Promise<void> =>
  writeAnew(rightsFile(keyring, module), `${[...rights].sort().join('\n')}\n`)

/** Forgets a module: whoever comes under this name gets new keys, and the credentials of before open nothing. */
export const removeKeys = async (keyring: Keyring, module: string): Promise<void> => {
  if (!isToken(module)) throw new RangeError(`'${module}' is no name for a module`)
  await rm(join(modulesFolder(keyring), module), { recursive: true, force: true })
}

/** Nothing at all for one whose rights nobody wrote down yet: it may say that it is there. */
const rightsKept = async (keyring: Keyring, module: string): Promise<string[]> =>
  ((await readIfThere(rightsFile(keyring, module))) ?? '').split('\n').filter((line) => line !== '')

const rightsFile = (keyring: Keyring, module: string): string => join(modulesFolder(keyring), module, 'rights')

const expelledMark = (keyring: Keyring, module: string): string => join(modulesFolder(keyring), module, 'expelled')

const modulesFolder = ({ folder }: Keyring): string => join(folder, 'modules')

const makeSeedOnce = async (folder: string, kind: 'account' | 'user'): Promise<void> => {
  await writeOnce(join(folder, `${kind}.seed`), createNkey(kind).seed)
}
