import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { isToken } from '../../contracts/subjects.ts'
import type { Account } from './accounts.ts'
import { type Keyring, seedOf } from './keyring.ts'
import { createNkey, type Nkey } from './nkey.ts'
import { makePrivateFolder, writeOnce } from './private-files.ts'

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

/** Every module that ever had keys here, by name: the kernel's account lets in the answers of these. */
export const knownModules = async (keyring: Keyring): Promise<Account[]> => {
  const names = (await readdir(modulesFolder(keyring)).catch(() => [])).filter(isToken).sort()
  return Promise.all(
    names.map(async (name) => ({ name, publicKey: (await moduleKeys(keyring, name)).account.publicKey })),
  )
}

const modulesFolder = ({ folder }: Keyring): string => join(folder, 'modules')

const makeSeedOnce = async (folder: string, kind: 'account' | 'user'): Promise<void> => {
  await writeOnce(join(folder, `${kind}.seed`), createNkey(kind).seed)
}
