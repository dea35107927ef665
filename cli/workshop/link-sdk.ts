import { lstat, mkdir, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { ROOT } from '../paths.ts'

/** What a module may import without bringing it along: the program's own, the same for all. */
export const PARTS = { contracts: join(ROOT, 'contracts'), sdk: join(ROOT, 'modules', 'sdk') }

/**
 * Lets a module's folder that lies elsewhere find the SDK and the contracts of this program. Nothing where it finds them already.
 *
 * One link a package, in a folder of the module's own: npm takes away what stands in no list of its, and would reach through a link to
 * the folder of all of them into this program's own.
 */
export const linkSdk = async (folder: string): Promise<void> => {
  const home = join(folder, 'node_modules', '@recyclique')
  for (const [name, target] of Object.entries(PARTS)) {
    if (finds(folder, `@recyclique/${name}`)) continue
    const link = join(home, name)
    await mkdir(home, { recursive: true })
    // One that leads nowhere: the program was moved.
    if ((await lstat(link).catch(() => undefined))?.isSymbolicLink()) await rm(link)
    // A junction is a link that Windows lets anybody make.
    await symlink(target, link, 'junction')
  }
}

const finds = (folder: string, name: string): boolean => {
  try {
    createRequire(resolve(folder, 'main.ts')).resolve(name)
    return true
  } catch {
    return false
  }
}
