import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Manifest, parse } from '@recyclique/contracts'
import { BadUse } from '../bad-use.ts'
import { ROOT } from '../paths.ts'

/** A module that can be started, or one that cannot and why. */
export type FoundModule = StartableModule | { name: string; why: string }
export type StartableModule = { name: string; manifest: Manifest }

export const isStartable = (module: FoundModule): module is StartableModule => 'manifest' in module

/**
 * Every folder in `modules/` with a manifest, by name; or those that are wanted, in the order in which they are named. Throws a
 * `BadUse` for one that is not there.
 */
export const findModules = async (
  wanted: string[] | undefined,
  folder = join(ROOT, 'modules'),
): Promise<FoundModule[]> => {
  const there: FoundModule[] = []
  for (const name of (await readdir(folder)).sort()) {
    const file = join(folder, name, 'manifest.json')
    const text = await readFile(file, 'utf8').catch(() => undefined)
    if (text !== undefined) there.push(read(name, text))
  }
  return wanted === undefined ? there : wanted.map((name) => pick(there, name))
}

const read = (name: string, text: string): FoundModule => {
  try {
    const manifest = parse(Manifest, JSON.parse(text), 'its manifest.json')
    return manifest.name === name ? { name, manifest } : { name, why: `its manifest.json says '${manifest.name}'` }
  } catch (error) {
    return { name, why: (error as Error).message }
  }
}

const pick = (there: FoundModule[], name: string): FoundModule => {
  const found = there.find((module) => module.name === name)
  if (found) return found
  const names = there.map((module) => module.name).join(', ') || 'none'
  throw new BadUse(`there is no module '${name}' in modules/: choose from ${names}, or say --modules none`)
}
