import { create } from 'tar'

/** Packs files of a folder, by path and in this order; the same files give the same archive. */
export const pack = async (folder: string, files: readonly string[], to: string): Promise<void> => {
  await create({ file: to, cwd: folder, gzip: true, portable: true, mtime: new Date(0) }, [...files])
}
