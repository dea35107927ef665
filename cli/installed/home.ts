import { lstat, mkdir, readlink, rm, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { PARTS } from '../workshop/link-sdk.ts'

/** Where a data folder keeps the modules that were added to it; `modules/<name>` beside it is what each module keeps itself. */
export const installedHome = (data: string): string => join(data, 'installed')

/**
 * Makes the kit findable for every module below `home`. Node looks for libraries in the folders above a file as well, so that the links
 * stand once and no module's folder holds anything that depends on where the program lies. To be called at each start: it may have moved.
 */
export const layKit = async (home: string): Promise<void> => {
  for (const [name, target] of Object.entries(PARTS)) {
    const link = join(home, 'node_modules', '@recyclique', name)
    if ((await readlink(link).catch(() => undefined)) === target) continue
    await mkdir(dirname(link), { recursive: true })
    if (await lstat(link).catch(() => undefined)) await rm(link, { recursive: true })
    // A junction is a link that Windows lets anybody make.
    await symlink(target, link, 'junction')
  }
}
