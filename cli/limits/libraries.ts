import { readFile, realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { PARTS } from '../workshop/link-sdk.ts'

/**
 * Every folder that a module's code is loaded from: its own, the kit, and the libraries that their `package.json` name, and theirs, as Node
 * finds them; a link and where it leads. A library that nobody names is not among them.
 */
export const codeFolders = async (folder: string): Promise<string[]> => {
  const found = new Set<string>()
  const visit = async (path: string, others: readonly string[] = []): Promise<void> => {
    const real = await realpath(path)
    const isNew = !found.has(real)
    found.add(path).add(real)
    if (!isNew) return
    const names = [...others, ...(await namedBy(real))]
    const places = await Promise.all(names.map((name) => nearest(name, real)))
    await Promise.all(places.filter((place) => place !== undefined).map((place) => visit(place)))
  }
  await visit(folder, KIT)
  for (const part of Object.values(PARTS)) await visit(part)
  return [...found].sort()
}

const KIT = Object.keys(PARTS).map((name) => `@recyclique/${name}`)

const namedBy = async (folder: string): Promise<string[]> => {
  try {
    const said = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Record<string, object | undefined>
    const { dependencies = {}, optionalDependencies = {}, peerDependencies = {} } = said
    return Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })
  } catch {
    // None, or none that can be read: then it names nobody.
    return []
  }
}

/** Where Node looks: beside the code, and in each folder above. */
const nearest = async (name: string, from: string): Promise<string | undefined> => {
  const place = join(from, 'node_modules', name)
  if (await realpath(place).catch(() => undefined)) return place
  const above = dirname(from)
  return above === from ? undefined : nearest(name, above)
}
