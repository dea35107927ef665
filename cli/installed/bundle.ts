import { createHash, type KeyObject } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { Bundle, Misfit, parseJson } from '@recyclique/contracts'
import { CannotDo } from '../bad-use.ts'
import { programVersion } from '../version.ts'
import { checkFolder } from '../workshop/check-module.ts'
import { planStart } from '../workshop/order.ts'
import { readIndex } from './index-file.ts'
import { ANYBODY, folderNameOf, inDraft, type Laid, moveInto } from './install.ts'
import { pack } from './pack.ts'
import { during } from './progress.ts'
import { checkBundleSigned, signBundle, type Trust } from './signature.ts'
import { BUNDLE_BOUNDS, pathsIn, unpack } from './tarball.ts'
import { allFilesIn, hashesOf } from './tree.ts'

const LIST = 'bundle.json'

/** Is it an archive of several modules, and not of one? */
export const isBundle = async (file: string): Promise<boolean> =>
  (await pathsIn(file, BUNDLE_BOUNDS)).some((path) => path === LIST)

/**
 * Packs modules that were added, as they lie here with their libraries and lockfiles, into one archive that is installed without a
 * network; signed where a key is given. Gives what is in it, and the archive's own SHA-256. Throws a `CannotDo` for a name that was not added.
 */
export const makeBundle = async (home: string, names: readonly string[], to: string, key?: KeyObject) => {
  const unsigned = await listOf(home, names)
  const list = key ? signBundle(unsigned, key) : unsigned
  const { modules } = list
  await inDraft(home, async (draft) => {
    for (const { folder, files } of modules)
      for (const file of Object.keys(files)) {
        await mkdir(dirname(join(draft, folder, file)), { recursive: true })
        await cp(join(home, folder, file), join(draft, folder, file))
      }
    await writeFile(join(draft, LIST), `${JSON.stringify(list, null, 2)}\n`)
    const paths = modules.flatMap(({ folder, files }) => Object.keys(files).map((file) => `${folder}/${file}`))
    const half = join(draft, 'bundle.tgz')
    await during(`packing ${paths.length} files`, () => pack(draft, [LIST, ...paths], half))
    await rm(to, { force: true })
    await rename(half, to).catch(() => cp(half, to))
  })
  return { modules, sha256: await hashOfFile(resolve(to)) }
}

const listOf = async (home: string, names: readonly string[]): Promise<Bundle> => {
  const index = await readIndex(home)
  const added = Object.entries(index).flatMap(([name, { inForce }]) => (inForce ? [{ name, inForce }] : []))
  const missing = names.find((name) => !added.some((one) => one.name === name))
  const there = added.map(({ name }) => name).join(', ') || 'none'
  if (missing !== undefined) throw new CannotDo(`${missing} was not added to this installation; what was: ${there}`)
  if (added.length === 0) throw new CannotDo('no module was added to this installation: there is nothing to pack')
  const wanted = added.filter(({ name }) => names.length === 0 || names.includes(name))
  const modules: Bundle['modules'] = []
  for (const { name, inForce } of wanted) {
    const { version, folder, source } = inForce
    const files = await hashesOf(join(home, folder), await allFilesIn(join(home, folder)))
    modules.push({ name, version, folder, source, files })
  }
  const isBuilt = modules.some(({ files }) => Object.keys(files).some((file) => file.endsWith('.node')))
  return { form: 1, packedBy: programVersion(), ...(isBuilt ? { platform: here() } : {}), modules }
}

const here = (): string => `${process.platform}-${process.arch}`

/**
 * Lays everything in a bundle ready below `home`, each whose needs are in it behind them. Every file is compared with the list's hash, and
 * what the list does not name is not taken: where anything differs, nothing is laid at all. Throws a `CannotDo`.
 */
export const layBundle = (home: string, file: string, trust: Trust = ANYBODY): Promise<Laid[]> =>
  inDraft(home, async (draft) => {
    await during('unpacking', () => unpack(file, draft, BUNDLE_BOUNDS))
    const list = takeList(await readFile(join(draft, LIST), 'utf8'), file)
    if (list.platform !== undefined && list.platform !== here())
      throw new CannotDo(`${file} holds libraries that were built for ${list.platform}; this machine is ${here()}`)
    const flaws = await flawsOf(draft, list)
    if (flaws.length > 0) throw new CannotDo([`${file} is not installed:`, ...flaws.slice(0, MOST_FLAWS)].join('\n  '))
    const signedBy = checkBundleSigned(file, list, trust)
    const laid = await Promise.all(list.modules.map((module) => layOne(draft, { ...module, signedBy }, home)))
    const { turns, refused } = planStart(laid)
    const [circle] = refused
    if (circle) throw new CannotDo(`${file} is not installed: ${circle.module.name}: ${circle.why}`)
    return turns.map(({ module }) => module)
  })

const MOST_FLAWS = 20

const takeList = (text: string, file: string): Bundle => {
  try {
    return parseJson(Bundle, text, `${file}, ${LIST}`)
  } catch (cause) {
    if (!(cause instanceof Misfit)) throw cause
    throw new CannotDo(cause.message, { cause })
  }
}

const flawsOf = async (draft: string, { modules }: Bundle): Promise<string[]> => {
  const named = new Set([LIST, ...modules.map(({ folder }) => folder)])
  const strange = (await readdir(draft)).filter((name) => !named.has(name))
  const flaws = strange.map((name) => `${name} does not stand in its list`)
  for (const { folder, files } of modules) flaws.push(...(await differences(join(draft, folder), folder, files)))
  if (flaws.length > 0) return flaws
  for (const { name, version, folder } of modules) {
    const { manifest, flaws: wrong } = await checkFolder(join(draft, folder))
    flaws.push(...wrong.map((flaw) => flaw.replaceAll(`${draft}/`, '')))
    const isOther = manifest && (manifest.name !== name || manifest.version !== version)
    if (isOther || (manifest && (await folderNameOf(manifest, join(draft, folder))) !== folder))
      flaws.push(`${folder} is not what its name says`)
  }
  return flaws
}

const differences = async (
  at: string,
  folder: string,
  files: Bundle['modules'][number]['files'],
): Promise<string[]> => {
  const there = await allFilesIn(at).catch(() => [])
  const hashes = await hashesOf(at, there)
  return [...new Set([...there, ...Object.keys(files)])].flatMap((path) => {
    const what = `${folder}/${path}`
    if (!Object.hasOwn(files, path)) return [`${what} does not stand in its list`]
    if (!Object.hasOwn(hashes, path)) return [`${what} is missing`]
    return hashes[path] === files[path] ? [] : [`${what} is not the file that was packed: its hash is another one`]
  })
}

type ToLay = Bundle['modules'][number] & { signedBy: string | undefined }

const layOne = async (draft: string, module: ToLay, home: string): Promise<Laid> => {
  const { name, version, folder, source, signedBy } = module
  const signer = signedBy === undefined ? {} : { signedBy }
  const { manifest } = await checkFolder(join(draft, folder))
  if (!manifest) throw new CannotDo(`${folder} has no manifest`)
  await moveInto(join(draft, folder), join(home, folder))
  return { name, manifest, as: { version, folder, source, ...signer, at: new Date().toISOString() } }
}

const hashOfFile = async (file: string): Promise<string> => {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}
