import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { checkFolder, checkModule } from '../workshop/check-module.ts'
import { obtain, readSource } from './obtain.ts'

/** Everything that is wrong with a module before it is installed: a folder where it lies, an archive in a place of its own. */
export const checkSource = async (text: string): Promise<{ name: string; flaws: readonly string[] }> => {
  const path = resolve(text)
  if ((await stat(path).catch(() => undefined))?.isDirectory()) return named(path, await checkModule(path))
  const draft = await mkdtemp(join(tmpdir(), 'recyclique-check-'))
  try {
    const folder = await obtain(await readSource(text), draft)
    const { flaws } = await checkFolder(folder)
    return named(
      folder,
      flaws.map((flaw) => flaw.replaceAll(`${folder}/`, '')),
    )
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}

const named = async (folder: string, flaws: readonly string[]) => {
  const { manifest } = await checkFolder(folder)
  return { name: manifest ? `${manifest.name} ${manifest.version}` : folder, flaws }
}
