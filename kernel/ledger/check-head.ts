import type { Read } from '../store/port.ts'
import type { Head, HeadFile } from './head-file.ts'
import type { Tip } from './tip.ts'

/** The ledger and the head file were altered against each other: the kernel must not go on as if nothing were. */
export class LedgerAltered extends Error {
  constructor(why: string) {
    super(`${why}. Run 'recyclique ledger verify' to see where, and restore a backup if the ledger was altered.`)
    this.name = 'LedgerAltered'
  }
}

/**
 * Before anything is kept: the last row is sealed, and the head file agrees with the ledger. Throws `LedgerAltered` where it knows more
 * than the ledger or something else; catches up where it knows less.
 */
export const checkHead = async (headFile: HeadFile, tip: Tip, read: Read): Promise<void> => {
  if (tip.sealed !== tip.position)
    throw new LedgerAltered(`The ledger ends at position ${tip.position} but is sealed up to ${tip.sealed}`)
  const known = headFile.last
  if (known && known.position > tip.position)
    throw new LedgerAltered(`The ledger ends at position ${tip.position}, but ${known.position} was reached before`)
  if (known && known.hash !== (await hashAt(read, known.position)))
    throw new LedgerAltered(`Position ${known.position} of the ledger is not the one that the head file names`)
  await catchUp(headFile, read)
}

const hashAt = async (read: Read, position: number) =>
  (await read.one<{ hash: string }>('SELECT hash FROM ledger WHERE position = ?', position))?.hash

const MOST_AT_ONCE = 1000

/**
 * Behind after a power cut: every seal that is missing gets its line, since the seals vouch for the rows. So the file has one
 * line for each seal, and a line that somebody took out shows.
 */
const catchUp = async (headFile: HeadFile, read: Read) => {
  for (;;) {
    const seals = await read.all<Head>(
      'SELECT position, hash FROM seal WHERE position > ? ORDER BY position LIMIT ?',
      headFile.last?.position ?? 0,
      MOST_AT_ONCE,
    )
    for (const { position, hash } of seals) headFile.append({ position, hash })
    if (seals.length < MOST_AT_ONCE) return
  }
}
