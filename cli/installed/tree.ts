import { createHash } from 'node:crypto'
import { cp, lstat, mkdir, readdir, readFile, readlink, realpath } from 'node:fs/promises'
import { dirname, join, relative, resolve, sep } from 'node:path'

/** What a module's folder holds that does not belong to it: libraries are brought anew, and what tools keep for themselves stays at home. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  ...['node_modules', '.venv', '__pycache__', '.pytest_cache'],
  ...['.git', '.hg', '.svn', '.DS_Store'],
])

/** Every file of a module, as a path with slashes inside its folder, sorted; libraries left out. */
export const filesIn = async (folder: string): Promise<string[]> =>
  (await entriesIn(folder)).filter(({ kind }) => kind === 'file').map(({ path }) => path)

/** The same with its libraries. The links to programs that npm makes are no files, and nobody follows them. */
export const allFilesIn = async (folder: string): Promise<string[]> =>
  (await entriesIn(folder, '', new Set())).filter(({ kind }) => kind === 'file').map(({ path }) => path)

/** What lies in a folder and must not be installed: links, which lead elsewhere once the folder is moved or packed, devices and pipes. */
export const flawsOfTree = async (folder: string): Promise<string[]> => {
  const root = await realpath(folder)
  const strange = (await entriesIn(folder)).filter(({ kind }) => kind !== 'file')
  const flaws = await Promise.all(
    strange.map(async ({ path, kind }) => {
      if (kind === 'other') return `${path} is neither a file nor a folder`
      const target = await readlink(join(folder, path))
      const end = resolve(dirname(join(root, path)), target)
      const isInside = (end === root || end.startsWith(root + sep)) && !target.startsWith('/')
      return `${path} is a link to ${target}${isInside ? '' : ', outside its folder'}: put the file itself there`
    }),
  )
  return flaws
}

/** Copies a module's folder as it is, libraries left out. */
export const copyTree = async (from: string, to: string): Promise<void> => {
  await mkdir(to, { recursive: true })
  await cp(from, to, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) =>
      !relative(from, path)
        .split(sep)
        .some((part) => LEFT_OUT.has(part)),
  })
}

/** SHA-256 of each file, by path. */
export const hashesOf = async (folder: string, files: readonly string[]): Promise<Record<string, string>> => {
  const hashes: Record<string, string> = {}
  for (const file of files) hashes[file] = sha256(await readFile(join(folder, file)))
  return hashes
}

/**
 * One hash over all that lies in a module's folder, lockfile included and libraries left out: what the lockfile names is fixed by it. The order
 * in which the libraries are asked for means nothing, and makes no other hash.
 */
export const hashOfTree = async (folder: string): Promise<string> => {
  const hashes = await hashesOf(folder, await filesIn(folder))
  const asked = await readFile(join(folder, 'package.json'), 'utf8').catch(() => undefined)
  const whole = asked === undefined ? hashes : { ...hashes, 'package.json': sha256(inOneOrder(asked)) }
  return sha256(JSON.stringify(Object.entries(whole)))
}

/** What cannot be read is left as it is: somebody else says what is wrong with it. */
const inOneOrder = (text: string): string => {
  try {
    const { dependencies = {}, ...said } = JSON.parse(text) as { dependencies?: Record<string, unknown> }
    return JSON.stringify([said, Object.entries(dependencies).sort(([a], [b]) => (a < b ? -1 : 1))])
  } catch {
    return text
  }
}

export const sha256 = (content: string | Buffer): string => createHash('sha256').update(content).digest('hex')

type Entry = { path: string; kind: 'file' | 'link' | 'other' }

const entriesIn = async (folder: string, below = '', leftOut = LEFT_OUT): Promise<Entry[]> => {
  const names = (await readdir(join(folder, below))).filter((name) => !leftOut.has(name)).sort()
  const found = await Promise.all(
    names.map(async (name): Promise<Entry[]> => {
      const path = below === '' ? name : `${below}/${name}`
      const what = await lstat(join(folder, path))
      if (what.isDirectory()) return entriesIn(folder, path, leftOut)
      return [{ path, kind: what.isFile() ? 'file' : what.isSymbolicLink() ? 'link' : 'other' }]
    }),
  )
  return found.flat()
}
