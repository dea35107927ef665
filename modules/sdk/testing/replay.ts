import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { fromFactLine } from '@recyclique/contracts'
import { type Dead, type Takes, TooNew } from './take.ts'

/** How a file of facts went: how many were taken, how many this module does not hear, and those that it could not take. */
export interface Replayed {
  readonly taken: number
  readonly unheard: number
  readonly dead: readonly Dead[]
}

/**
 * Gives the facts of a file (one a line, as `recyclique facts record` writes them) to the module, in their order. One that fails is
 * tried as often as the bus would, at once, and then left behind. Throws where the file cannot be read, or a fact is newer than the module.
 */
export const replayFile = async (takes: Takes, file: string): Promise<Replayed> => {
  const counted = { taken: 0, unheard: 0 }
  const dead: Dead[] = []
  let line = 0
  for await (const text of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
    line += 1
    if (text.trim() === '') continue
    const fact = fromFactLine(text, `${file}, line ${line}`)
    let taking = await takes.take(fact)
    while (taking.is === 'again') {
      if (taking.error instanceof TooNew) throw new Error(`${file}, line ${line}: ${taking.error.message}`)
      taking = await takes.take(fact)
    }
    if (taking.is === 'dead') dead.push({ fact, error: taking.error })
    else counted[taking.is] += 1
  }
  return { ...counted, dead }
}
