import { cp, mkdtemp, rename, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { CannotDo } from '../bad-use.ts'
import { checkFolder } from '../workshop/check-module.ts'
import { isBundle } from './bundle.ts'
import { obtain } from './obtain.ts'
import { pack } from './pack.ts'
import { signModule } from './signature.ts'
import { readSigningKey } from './signing-key.ts'
import { allFilesIn } from './tree.ts'

/**
 * Signs a module where it lies: in a folder a file is added, an archive is packed anew with it, in the place of the old one. Gives what was signed and by
 * which key. Throws a `CannotDo` with everything that is wrong with the module: nobody answers for what cannot be installed.
 */
export const signSource = async (text: string, keyFile: string): Promise<{ title: string; key: string }> => {
  const key = await readSigningKey(keyFile)
  const path = resolve(text)
  const found = await stat(path).catch(() => undefined)
  if (!found) throw new CannotDo(`there is no folder or archive ${path}`)
  const sign = async (folder: string) => {
    const { manifest, flaws } = await checkFolder(folder)
    if (!manifest || flaws.length > 0) throw new CannotDo([`${text} is not signed:`, ...flaws].join('\n  '))
    const signed = await signModule(folder, manifest, key)
    return { title: `${manifest.name} ${manifest.version}`, key: signed.key }
  }
  if (found.isDirectory()) return sign(path)
  if (await isBundle(path))
    throw new CannotDo(
      `${text} is a bundle: it is signed when it is packed, by \`recyclique modules bundle --key FILE\``,
    )
  const draft = await mkdtemp(join(tmpdir(), 'recyclique-sign-'))
  try {
    const folder = await obtain({ kind: 'file', path }, draft)
    const done = await sign(folder)
    const half = join(draft, 'signed.tgz')
    // The folder's own name stays: npm wants `package/`.
    const files = (await allFilesIn(folder)).map((file) => `${basename(folder)}/${file}`)
    await pack(dirname(folder), files, half)
    await rename(half, path).catch(() => cp(half, path))
    return done
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}
