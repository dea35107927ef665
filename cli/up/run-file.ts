import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { holderOf } from './lock.ts'

/** Where a run leaves word of itself in its data folder. */
export const runFiles = (data: string) => ({
  lock: join(data, 'run', 'up.lock'),
  crashes: join(data, 'run', 'crashes.json'),
  release: join(data, 'run', 'release'),
  address: join(data, 'run', 'address'),
})

/** Leaves the address for `recyclique demo`, `modules list` and the like. */
export const leaveAddress = async (data: string, url: string): Promise<void> => {
  const { address } = runFiles(data)
  await mkdir(dirname(address), { recursive: true })
  await writeFile(`${address}.new`, `${url}\n`)
  await rename(`${address}.new`, address)
}

/** The address of what runs on a data folder; undefined where nothing does. */
export const addressOf = async (data: string): Promise<string | undefined> => {
  const { lock, address } = runFiles(data)
  if ((await holderOf(lock)) === undefined) return undefined
  return (await readFile(address, 'utf8').catch(() => '')).trim() || undefined
}
