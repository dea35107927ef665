import { mkdir, rm, stat, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { ROOT } from '../paths.ts'

/** Lets a module's folder that lies elsewhere find the SDK and the contracts of this program. Nothing where it finds them already. */
export const linkSdk = async (folder: string): Promise<void> => {
  if (findsSdk(folder)) return
  const link = join(folder, 'node_modules', '@recyclique')
  await mkdir(join(folder, 'node_modules'), { recursive: true })
  // One that leads nowhere: the program was moved.
  if (!(await stat(link).catch(() => undefined))) await rm(link, { force: true })
  // A junction is a link that Windows lets anybody make.
  await symlink(join(ROOT, 'node_modules', '@recyclique'), link, 'junction')
}

const findsSdk = (folder: string): boolean => {
  try {
    createRequire(resolve(folder, 'main.ts')).resolve('@recyclique/sdk')
    return true
  } catch {
    return false
  }
}
