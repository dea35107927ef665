import { constants } from 'node:fs'
import { access, lstat, readdir, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { bad, type Check, type Found, ok, warn } from './finding.ts'

const MIB = 1_048_576
const [FULL_MIB, LOW_MIB] = [200, 1_024]
/** What Linux calls file systems that lie on another machine; a database in WAL mode is not safe there. */
const NETWORK = new Map([
  [0x6969, 'NFS'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB'],
  [0x517b, 'SMB'],
])

/** The folder in which everything is kept. */
export const dataFolder: Check = {
  about: 'data folder',
  look: async ({ data }) => {
    const found = await lstat(data).catch(() => undefined)
    if (!found) return [ok(`${data} is not there yet: the first \`npm start\` makes it`)]
    if (!(await isWritable(data)))
      return [
        bad(
          `${data} cannot be written by ${me()}`,
          `run as the user to whom it belongs, or: sudo chown -R ${me()} ${data}`,
        ),
      ]
    const open = isOpen(found.mode)
      ? [warn(`others on this machine can look into ${data}`, `chmod go-rwx ${data}`)]
      : [ok(`${data} is ours alone and can be written`)]
    return [...open, ...(await diskOf(data))]
  },
}

/** Whoever reads a key may speak in its name. */
export const keyFiles: Check = {
  about: 'keys',
  look: async ({ keys }) => {
    const files = await everythingIn(keys)
    const open = files.filter(({ path, mode }) => isOpen(mode) && !path.endsWith('.pub.pem')).map(({ path }) => path)
    const foreign = files.filter(({ uid }) => process.getuid && uid !== process.getuid()).map(({ path }) => path)
    return [
      ...(open.length > 0 ? [bad(`others on this machine can read ${listOf(open)}`, `chmod -R go-rwx ${keys}`)] : []),
      ...(foreign.length > 0 && process.getuid?.() !== 0
        ? [bad(`${listOf(foreign)} belong to another user`, `sudo chown -R ${me()} ${keys}`)]
        : []),
      ...(files.length > 0 && open.length === 0 ? [ok(`${keys} is closed to others`)] : []),
    ]
  },
}

const diskOf = async (folder: string): Promise<Found[]> => {
  const { bavail, bsize, type } = await statfs(folder)
  const free = Math.round((bavail * bsize) / MIB)
  const words = free < 10 * LOW_MIB ? `${free} MiB free` : `${Math.round(free / 1024)} GiB free`
  const disk =
    free < FULL_MIB
      ? bad(`only ${words} on this disk: soon nothing can be sold`, 'make room now')
      : free < LOW_MIB
        ? warn(`only ${words} on this disk`, 'make room before it is full')
        : ok(words)
  const network = NETWORK.get(type)
  if (process.platform !== 'linux' || network === undefined) return [disk]
  return [
    disk,
    bad(
      `it lies on a network disk (${network}), where a power cut can damage the ledger`,
      'move it to a disk of this machine: --data FOLDER',
    ),
  ]
}

type File = { path: string; mode: number; uid: number }

/** The folder, and all below it; nothing where it is not there. */
const everythingIn = async (folder: string): Promise<File[]> => {
  const found = await lstat(folder).catch(() => undefined)
  if (!found) return []
  const names = await readdir(folder, { recursive: true })
  const below = await Promise.all(
    names.map(async (name) => ({ path: join(folder, name), ...(await lstat(join(folder, name))) })),
  )
  return [{ path: folder, ...found }, ...below].map(({ path, mode, uid }) => ({ path, mode, uid }))
}

const isWritable = (folder: string): Promise<boolean> =>
  access(folder, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  )

/** Windows keeps rights elsewhere. */
const isOpen = (mode: number): boolean => process.platform !== 'win32' && (mode & 0o077) !== 0

const me = (): string => process.env.USER || `user ${process.getuid?.() ?? ''}`.trim()

const MOST_NAMED = 3

const listOf = (paths: readonly string[]): string =>
  paths.length <= MOST_NAMED
    ? paths.join(', ')
    : `${paths.slice(0, MOST_NAMED).join(', ')} and ${paths.length - MOST_NAMED} more`
