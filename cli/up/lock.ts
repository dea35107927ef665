import { randomUUID } from 'node:crypto'
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { birthOf, isAlive } from './process-group.ts'

/** Who runs on a data folder. `birth` tells it from a later process with the same number. */
type Holder = { pid: number; birth?: string | undefined; leash?: number | undefined }

export type Lock = {
  /** Names the leash, so that whoever finds this lock stale waits until our children are gone. */
  name: (leash: number | undefined) => Promise<void>
  release: () => Promise<void>
}

/** Somebody else runs on this data folder. */
export class Taken extends Error {}

const GONE_WITHIN_MS = 30_000
const LOOK_MS = 50

/**
 * Takes the data folder for this process, or throws `Taken` with the other's number. A lock whose holder is dead is taken over, once
 * the holder's leash has ended what it left running: two kernels on one ledger must never be.
 */
export const takeLock = async (file: string, pid = process.pid): Promise<Lock> => {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const mine: Holder = { pid, birth: birthOf(pid) }
  while (!(await claim(file, mine))) {
    const holder = await readHolder(file)
    // Given back meanwhile: what stands there by now is another's.
    if (holder === 'gone') continue
    if (holder && isHolding(holder))
      throw new Taken(`Recyclique already runs on this data folder (process ${holder.pid}).`)
    if (holder?.leash !== undefined) await untilGone(holder.leash)
    await rm(file, { force: true })
  }
  return {
    name: async (leash) => rename(await writeDraft(file, { ...mine, leash }), file),
    release: () => rm(file, { force: true }),
  }
}

/** Who holds the lock and lives; undefined when nobody does. */
export const holderOf = async (file: string): Promise<number | undefined> => {
  const holder = await readHolder(file)
  return holder && holder !== 'gone' && isHolding(holder) ? holder.pid : undefined
}

/** A hard link shows the whole file or none, and refuses to replace what is there. */
const claim = async (file: string, mine: Holder): Promise<boolean> => {
  const draft = await writeDraft(file, mine)
  try {
    await link(draft, file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    await rm(draft, { force: true })
  }
}

const writeDraft = async (file: string, mine: Holder): Promise<string> => {
  // One process may want it several times at once.
  const draft = `${file}.${mine.pid}.${randomUUID()}`
  await writeFile(draft, JSON.stringify(mine), { mode: 0o600 })
  return draft
}

/** Undefined for a file that is damaged. */
const readHolder = async (file: string): Promise<Holder | 'gone' | undefined> => {
  try {
    const holder = JSON.parse(await readFile(file, 'utf8')) as Partial<Holder>
    return typeof holder.pid === 'number' ? { ...holder, pid: holder.pid } : undefined
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'gone' : undefined
  }
}

const isHolding = ({ pid, birth }: Holder): boolean => {
  if (!isAlive(pid)) return false
  const now = birthOf(pid)
  return birth === undefined || now === undefined || birth === now
}

const untilGone = async (pid: number): Promise<void> => {
  const until = Date.now() + GONE_WITHIN_MS
  while (isAlive(pid) && Date.now() < until) await wait(LOOK_MS)
}
