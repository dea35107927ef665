import type { KeyObject } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type Bundle,
  type Manifest,
  Misfit,
  ModuleSignature,
  parseJson,
  SIGNATURE_FILE,
  type Signature,
  type TrustEntry,
} from '@recyclique/contracts'
import { CannotDo } from '../bad-use.ts'
import { isSignatureOf, signText } from './signing-key.ts'
import { filesIn, hashesOf } from './tree.ts'

/** Whose modules are taken here, and who hears of what is taken without. */
export interface Trust extends TrustEntry {
  readonly say: (line: string) => void
}

/** Signs every file of a module, libraries left out, in a file beside its manifest. */
export const signModule = async (folder: string, { name, version }: Manifest, key: KeyObject): Promise<Signature> => {
  const files = await hashesOf(folder, await signedFiles(folder))
  const signed = signText(key, moduleText({ name, version, files }))
  const said: ModuleSignature = { form: 1, name, version, files, ...signed }
  await writeFile(join(folder, SIGNATURE_FILE), `${JSON.stringify(said, null, 2)}\n`)
  return signed
}

/**
 * Who of those that are trusted has signed the module that lies in a folder; undefined where nobody has and the policy lets it pass. Throws a
 * `CannotDo` that names each file that is not as it was signed, whoever signed it.
 */
export const checkSigned = async (folder: string, manifest: Manifest, trust: Trust): Promise<string | undefined> => {
  if (policyOf(trust) === 'off') return undefined
  const title = `${manifest.name} ${manifest.version}`
  const said = await readSignature(folder)
  if (said) await refuseAltered(folder, manifest, said)
  return signerOf(title, said, trust)
}

/** The same of a bundle, whose list has the hash of every file in it. */
export const checkBundleSigned = (file: string, list: Bundle, trust: Trust): string | undefined => {
  if (policyOf(trust) === 'off') return undefined
  if (list.signed && !isSignatureOf(bundleText(list), list.signed))
    throw new CannotDo(`${file} is not installed: its list was changed after it was signed`)
  return signerOf(file, list.signed, trust)
}

export const signBundle = (list: Bundle, key: KeyObject): Bundle => ({
  ...list,
  signed: signText(key, bundleText(list)),
})

const policyOf = ({ policy, keys = [] }: TrustEntry) => policy ?? (keys.length > 0 ? 'warn' : 'off')

const signerOf = (what: string, said: Signature | undefined, trust: Trust): string | undefined => {
  const { keys = [], say } = trust
  const signer = keys.find(({ key }) => key === said?.key)
  if (signer) return signer.name
  const why = said ? `${what} is signed by ${said.key}, which nobody here trusts` : `${what} is not signed`
  if (policyOf(trust) === 'require')
    throw new CannotDo(
      `${why}, and this centre takes no other (signatures: policy: require in recyclique.yaml; whose keys are trusted stands there under keys)`,
    )
  say(`${why}. It is taken all the same (signatures: policy: warn).`)
  return undefined
}

const readSignature = async (folder: string): Promise<ModuleSignature | undefined> => {
  const text = await readFile(join(folder, SIGNATURE_FILE), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) return undefined
  try {
    return parseJson(ModuleSignature, text, SIGNATURE_FILE)
  } catch (cause) {
    if (!(cause instanceof Misfit)) throw cause
    throw new CannotDo(cause.message, { cause })
  }
}

const MOST_NAMED = 20

const refuseAltered = async (folder: string, { name, version }: Manifest, said: ModuleSignature): Promise<void> => {
  const now = await hashesOf(folder, await signedFiles(folder))
  const flaws = [...new Set([...Object.keys(said.files), ...Object.keys(now)])].sort().flatMap((file) => {
    if (!Object.hasOwn(now, file)) return [`${file} is missing`]
    if (!Object.hasOwn(said.files, file)) return [`${file} was added`]
    return now[file] === said.files[file] ? [] : [`${file} was changed`]
  })
  if (said.name !== name || said.version !== version) flaws.unshift(`it was signed as ${said.name} ${said.version}`)
  if (!isSignatureOf(moduleText(said), said)) flaws.unshift(`${SIGNATURE_FILE} itself was changed`)
  if (flaws.length === 0) return
  const named = flaws.slice(0, MOST_NAMED)
  throw new CannotDo([`${name} ${version} is not installed: after it was signed`, ...named].join('\n  '))
}

const signedFiles = async (folder: string): Promise<string[]> =>
  (await filesIn(folder)).filter((file) => file !== SIGNATURE_FILE)

/** The words in front keep a signature of one kind from being taken for one of another. */
const moduleText = ({ name, version, files }: Pick<ModuleSignature, 'name' | 'version' | 'files'>): string =>
  JSON.stringify(['recyclique module', 1, name, version, sorted(files)])

const bundleText = ({ form, packedBy, platform, modules }: Bundle): string => {
  const all = modules.map(({ name, version, folder, source, files }) => [name, version, folder, source, sorted(files)])
  return JSON.stringify(['recyclique bundle', form, packedBy, platform ?? null, all])
}

/** By their letters' numbers, whatever the language of the machine. */
const sorted = (files: Readonly<Record<string, string>>): [string, string][] =>
  Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1))
