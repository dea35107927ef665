import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Manifest } from '@recyclique/contracts'

/** What a module's `package.json` asks of libraries, the kit left out: that one is the program's own. */
export const librariesOf = async (folder: string): Promise<Record<string, string>> => {
  const { dependencies = {} } = (await readPackage(folder)) ?? {}
  return Object.fromEntries(Object.entries(dependencies).filter(([name]) => !name.startsWith('@recyclique/')))
}

/** What is wrong with a module's `package.json`; one that is not there is no flaw. */
export const packageFlaws = async (folder: string, manifest: Manifest | undefined): Promise<string[]> => {
  const file = join(folder, 'package.json')
  const said = await readPackage(folder).catch((error: Error) => error)
  if (said instanceof Error) return [`${file}: ${said.message}`]
  if (!said) return []
  const { version } = said
  const isOther = manifest !== undefined && version !== undefined && version !== manifest.version
  const libraries = Object.entries(await librariesOf(folder))
  return [
    ...(isOther
      ? [`${file}: /version says ${version}, and manifest.json ${manifest.version}: make them the same`]
      : []),
    ...libraries.flatMap(([name, range]) => (BESIDE.test(range) ? [`${file}: ${beside(name, range)}`] : [])),
  ]
}

/** A folder beside the module's is not there once it is installed; an absolute one may be. */
const BESIDE = /^(?:workspace:|link:|(?:file:)?\.{1,2}\/)/
const beside = (name: string, range: string): string =>
  `/dependencies/${name} says '${range}': an installed module does not see what lies beside it; publish that library, or take it in`

type Package = { version?: string; dependencies?: Record<string, string> }

const readPackage = async (folder: string): Promise<Package | undefined> => {
  const text = await readFile(join(folder, 'package.json'), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const said: unknown = parsed(text)
  if (typeof said !== 'object' || said === null || Array.isArray(said)) throw new Error('is no JSON object')
  const { version, dependencies } = said as Record<string, unknown>
  return {
    ...(typeof version === 'string' ? { version } : {}),
    ...(isTexts(dependencies) ? { dependencies } : {}),
  }
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new Error(`is not JSON (${(cause as Error).message})`, { cause })
  }
}

const isTexts = (value: unknown): value is Record<string, string> =>
  typeof value === 'object' && value !== null && Object.values(value).every((one) => typeof one === 'string')
