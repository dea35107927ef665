import { execFile } from 'node:child_process'
import { mkdir, readdir, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { BadUse, CannotDo } from '../bad-use.ts'
import { during } from './progress.ts'
import { MODULE_BOUNDS, unpack } from './tarball.ts'
import { copyTree } from './tree.ts'

/** Where a module can come from. */
export type Source =
  | { readonly kind: 'folder' | 'file'; readonly path: string }
  | { readonly kind: 'npm'; readonly spec: string; readonly registry?: string | undefined }

const NAME = '(?:@[a-z0-9][a-z0-9._-]*/)?[a-z0-9][a-z0-9._-]*'
const SPEC = new RegExp(`^${NAME}(?:@[A-Za-z0-9.^~<>=|* +-]{1,100})?$`)
const ARCHIVE = /\.(?:tgz|tar|tar\.gz)$/

/**
 * What was meant: a folder or a file that is there, the address of an archive, a package at the address of its registry, or a package's
 * name with a range. Throws a `BadUse` that lists what can be typed.
 */
export const readSource = async (text: string, registry?: string): Promise<Source> => {
  const found = await stat(text).catch(() => undefined)
  if (found?.isDirectory()) return { kind: 'folder', path: resolve(text) }
  if (found?.isFile()) return { kind: 'file', path: resolve(text) }
  if (/^https?:\/\//.test(text)) return addressed(new URL(text))
  if (/^[./\\~]|\.(?:tgz|tar|tar\.gz)$/.test(text)) throw new BadUse(`there is no folder or file ${resolve(text)}`)
  if (SPEC.test(text)) return { kind: 'npm', spec: text, registry }
  throw new BadUse(
    `'${text}' is nothing that a module can come from: name a folder, an archive (.tgz), a package (labels-module@^1.2), or an address`,
  )
}

/** `https://registry.example/@someone/labels` is that package of that registry. */
const addressed = (url: URL): Source => {
  if (ARCHIVE.test(url.pathname)) return { kind: 'npm', spec: url.href }
  const [, base = '/', spec = ''] =
    new RegExp(`^(.*?/)(${NAME}(?:@[^/]+)?)$`).exec(decodeURIComponent(url.pathname)) ?? []
  if (!SPEC.test(spec))
    throw new BadUse(`${url.href} names no package: write the registry's address and the package's name`)
  return { kind: 'npm', spec, registry: new URL(base, url).href }
}

/** In words, for whoever looks at it later. */
export const wordsOf = (source: Source): string =>
  source.kind === 'npm' ? `npm ${source.spec}${source.registry ? ` from ${source.registry}` : ''}` : source.path

/** Brings a module's files into `draft`, and gives the folder in which they lie. Nothing of them is run. */
export const obtain = async (source: Source, draft: string): Promise<string> => {
  if (source.kind === 'npm') return unpackInto(draft, await fetch(source, draft))
  if (source.kind === 'file') return unpackInto(draft, source.path)
  const folder = join(draft, 'module')
  await copyTree(source.path, folder)
  return folder
}

const unpackInto = async (draft: string, file: string): Promise<string> => {
  const folder = join(draft, 'unpacked')
  await mkdir(folder)
  await unpack(file, folder, MODULE_BOUNDS)
  return rootIn(folder, file)
}

/** npm packs into `package/`, others into the folder's own name or into none. */
const rootIn = async (folder: string, file: string): Promise<string> => {
  const entries = await readdir(folder, { withFileTypes: true })
  if (entries.some(({ name }) => name === 'manifest.json')) return folder
  const [only, ...others] = entries.filter((entry) => entry.isDirectory())
  if (only && others.length === 0) return join(folder, only.name)
  throw new CannotDo(
    `${basename(file)} holds no module: there is no manifest.json in it, nor one folder that could have one`,
  )
}

/** The archive as the registry gives it; npm compares it with the registry's hash. No script of the package is run. */
const fetch = ({ spec, registry }: { spec: string; registry?: string | undefined }, draft: string): Promise<string> =>
  during(`fetching ${spec}`, async () => {
    const args = ['pack', spec, '--ignore-scripts', '--json', '--loglevel=error', `--pack-destination=${draft}`]
    const options = { cwd: draft, shell: process.platform === 'win32', maxBuffer: 64 * 1024 * 1024 }
    await promisify(execFile)('npm', [...args, ...(registry ? [`--registry=${registry}`] : [])], options).catch(
      (cause: { stderr?: string } & Error) => {
        throw new CannotDo(`npm could not fetch ${spec}: ${npmWords(cause)}`, { cause })
      },
    )
    const archive = (await readdir(draft)).find((name) => ARCHIVE.test(name))
    if (archive === undefined) throw new CannotDo(`npm gave no archive for ${spec}`)
    return join(draft, archive)
  })

/** Of npm's many lines those that say something. */
const npmWords = ({ stderr, message }: { stderr?: string; message: string }): string => {
  const lines = (stderr ?? '').split('\n').map((line) => line.replace(/^npm (?:error|ERR!) ?(?:code \S+)?/, '').trim())
  const said = lines.filter((line) => line !== '' && !/complete log|npm warn/i.test(line))
  return said.slice(0, 4).join(' ') || message
}
