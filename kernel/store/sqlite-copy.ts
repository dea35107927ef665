import { backup, DatabaseSync } from 'node:sqlite'

/** How far the ledger had come in a copy; position 0 for an empty one. */
export interface Copied {
  readonly position: number
  readonly hash: string
  readonly site: string
}

/** So many pages a step: the thread that copies stays free to show how far it is. */
const RATE = 2000

/**
 * Copies a database page by page into a new file, while others sell.
 *
 * The source's view is frozen first: the copy is of one instant, it is never begun anew because somebody wrote (which a plain
 * online backup is, for ever, under constant writes), and no writer waits for it. The copy needs no other file beside it.
 */
export const copySqlite = async (
  file: string,
  to: string,
  onProgress: (done: number, all: number) => void = () => undefined,
): Promise<Copied> => {
  const source = new DatabaseSync(file, { readOnly: true })
  try {
    source.exec('PRAGMA busy_timeout=5000; BEGIN')
    const head = source.prepare('SELECT position, hash, site FROM ledger ORDER BY position DESC LIMIT 1').get()
    await backup(source, to, {
      rate: RATE,
      progress: ({ totalPages, remainingPages }) => onProgress(totalPages - remainingPages, totalPages),
    })
    loneFile(to)
    return {
      position: Number(head?.position ?? 0),
      hash: String(head?.hash ?? '0'.repeat(64)),
      site: String(head?.site ?? ''),
    }
  } finally {
    source.close()
  }
}

/** The copy says of itself that it has a write-ahead log; without one, it can be read from a medium that cannot be written. */
const loneFile = (file: string) => {
  const copy = new DatabaseSync(file)
  try {
    copy.exec('PRAGMA journal_mode=DELETE')
  } finally {
    copy.close()
  }
}
