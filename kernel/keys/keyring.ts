import { join, resolve } from 'node:path'
import { isToken } from '../../contracts/subjects.ts'
import { sysAccount } from './accounts.ts'
import { KeysError } from './errors.ts'
import { readClaims, signClaims } from './jwt.ts'
import { createNkey, type Nkey, type NkeyKind, readNkey } from './nkey.ts'
import { makePrivateFolder, readIfThere, writeOnce } from './private-files.ts'

/** The keys of one site. Whoever has the folder may do everything on the bus; a module's `.creds` is all that ever leaves it. */
export type Keyring = {
  folder: string
  site: string
  operator: Nkey
  operatorJwt: string
  /** Accounts and the kernel's user in each. */
  sys: Nkey
  sysJwt: string
  sysUser: Nkey
  kernel: Nkey
  kernelUser: Nkey
}

/** A seed is never made anew where something that it signed, or that names it, is there already: that would lock everybody out in silence. */
const SEEDS = [
  { file: 'operator.seed', kind: 'operator', signed: ['operator.jwt', 'sys.jwt'] },
  { file: 'sys.seed', kind: 'account', signed: ['operator.jwt', 'sys.jwt'] },
  { file: 'sys-user.seed', kind: 'user', signed: [] },
  { file: 'kernel.seed', kind: 'account', signed: ['site'] },
  { file: 'kernel-user.seed', kind: 'user', signed: [] },
] as const satisfies { file: string; kind: NkeyKind; signed: string[] }[]

/**
 * Makes what is missing of a site's keyring, and opens it. A key that is there is never replaced, so it may be called at every
 * start, by two processes at once too; an interrupted one is completed. The file `site` is written last: where it is, all is.
 */
export const initKeys = async (folder: string, site: string, nowMs = Date.now()): Promise<Keyring> => {
  if (!isToken(site)) throw new RangeError(`'${site}' is no name for a site: use 1 to 32 of a-z, 0-9 and -`)
  await makePrivateFolder(folder)
  const made = await readIfThere(join(folder, 'site'))
  if (made !== undefined && made !== site) throw new KeysError('keys-other-site', { folder, site, found: made })
  for (const seed of SEEDS) await makeSeed(folder, seed)
  const operator = await seedOf(folder, 'operator.seed', 'operator')
  const sys = await seedOf(folder, 'sys.seed', 'account')
  const operatorClaims = {
    name: `recyclique-${site}`,
    sub: operator.publicKey,
    nats: { type: 'operator', version: 2, system_account: sys.publicKey },
  } as const
  await makeFile(folder, 'operator.jwt', () => signClaims(operator, operatorClaims, nowMs))
  await makeFile(folder, 'sys.jwt', () => signClaims(operator, sysAccount(sys), nowMs))
  await makeFile(folder, 'site', () => site)
  return openKeyring(folder)
}

/** Reads a keyring. Throws a `KeysError` for one that is missing, incomplete or does not fit together; it never says a secret. */
export const openKeyring = async (folder: string): Promise<Keyring> => {
  const site = await readIfThere(join(folder, 'site'))
  const begun = await readIfThere(join(folder, 'operator.seed'))
  if (site === undefined && begun === undefined) throw new KeysError('keys-missing', { folder })
  const keyring = {
    folder: resolve(folder),
    site: await textOf(folder, 'site'),
    operator: await seedOf(folder, 'operator.seed', 'operator'),
    operatorJwt: await textOf(folder, 'operator.jwt'),
    sys: await seedOf(folder, 'sys.seed', 'account'),
    sysJwt: await textOf(folder, 'sys.jwt'),
    sysUser: await seedOf(folder, 'sys-user.seed', 'user'),
    kernel: await seedOf(folder, 'kernel.seed', 'account'),
    kernelUser: await seedOf(folder, 'kernel-user.seed', 'user'),
  }
  checkSubject(keyring, 'operator.jwt', keyring.operatorJwt, keyring.operator)
  checkSubject(keyring, 'sys.jwt', keyring.sysJwt, keyring.sys)
  return keyring
}

/** Reads a seed that must be there. */
export const seedOf = async (folder: string, file: string, kind: NkeyKind): Promise<Nkey> => {
  const text = await textOf(folder, file)
  try {
    return readNkey(kind, text)
  } catch (cause) {
    throw new KeysError('keys-damaged', { folder, file }, { cause })
  }
}

const makeSeed = async (folder: string, { file, kind, signed }: (typeof SEEDS)[number]): Promise<void> => {
  if ((await readIfThere(join(folder, file))) !== undefined) return
  for (const later of signed) {
    if ((await readIfThere(join(folder, later))) !== undefined) throw new KeysError('keys-lost', { folder, file })
  }
  await writeOnce(join(folder, file), createNkey(kind).seed)
}

const makeFile = async (folder: string, file: string, text: () => string): Promise<void> => {
  if ((await readIfThere(join(folder, file))) === undefined) await writeOnce(join(folder, file), text())
}

const textOf = async (folder: string, file: string): Promise<string> => {
  const text = await readIfThere(join(folder, file))
  if (text === undefined) throw new KeysError('keys-incomplete', { folder, file })
  return text
}

const checkSubject = ({ folder, operator }: Keyring, file: string, jwt: string, key: Nkey): void => {
  const fits = (() => {
    try {
      const { sub, iss } = readClaims(jwt)
      return sub === key.publicKey && iss === operator.publicKey
    } catch {
      return false
    }
  })()
  if (!fits) throw new KeysError('keys-damaged', { folder, file })
}
