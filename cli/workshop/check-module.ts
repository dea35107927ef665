import { readFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import type { Manifest } from '@recyclique/contracts'
import { flawsOfTree } from '../installed/tree.ts'
import { manifestFlaws } from './manifest-flaws.ts'
import { isStartable, lookInto } from './manifests.ts'
import { packageFlaws } from './package-flaws.ts'
import { placesIn } from './places.ts'
import { retakeManifest } from './read-manifest.ts'

/** Everything that keeps a module's folder from being started, as far as it can be seen without running it; empty where nothing does. */
export const checkModule = async (folder: string): Promise<readonly string[]> => {
  const path = resolve(folder)
  const place = (await placesIn({ folders: [dirname(path)] })).find((one) => basename(one.folder) === basename(path))
  if (!place) return [`there is no folder ${path}`]
  const { flaws, manifest } = await checkFolder(path)
  const isMisnamed = manifest !== undefined && manifest.name !== basename(path)
  return isMisnamed ? [...flaws, `${join(path, 'manifest.json')}: ${misnamed(manifest, basename(path))}`] : flaws
}

/** The same for a folder of whatever name: one that is to be installed. The manifest where it can be taken. */
export const checkFolder = async (folder: string): Promise<{ manifest?: Manifest; flaws: string[] }> => {
  const file = join(folder, 'manifest.json')
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text === undefined)
    return { flaws: [`there is no ${file}: a module says in it what it is, hears, answers and needs`] }
  const said = manifestFlaws(text, file)
  const flaws = [...said.flaws, ...(await flawsOfTree(folder)), ...(await packageFlaws(folder, said.manifest))]
  return said.manifest
    ? { manifest: said.manifest, flaws: [...flaws, ...(await entryFlaws(folder, said.manifest))] }
    : { flaws }
}

/** Is there something to run? */
const entryFlaws = async (folder: string, manifest: Manifest): Promise<string[]> => {
  const read = async () => ({ manifest: retakeManifest(manifest) ?? manifest })
  const found = await lookInto({ folder, isPackage: true }, read)
  return found && !isStartable(found) ? [found.why] : []
}

const misnamed = ({ name }: Manifest, folder: string): string =>
  `/name says '${name}', but the folder is '${folder}': make them the same`
