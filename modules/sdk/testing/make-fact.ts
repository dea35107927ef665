import { createHash, randomUUID } from 'node:crypto'
import { type DataOf, type FactSpec, journalName, type KeptFact, parse } from '@recyclique/contracts'

/** What may be said of a fact besides its data. */
export type HeadSaid = Partial<Pick<KeptFact, 'mode' | 'businessDate' | 'recordedAt' | 'actor' | 'site'>>

/** Makes facts as the kernel would keep them: positions without a gap, numbers in each journal. Throws a `Misfit` for data that no kernel tells. */
export const factMaker = (nextPosition: () => number, now: () => Date) => {
  const seqs = new Map<string, number>()
  return <F extends FactSpec>(spec: F, data: DataOf<F>, said: HeadSaid = {}): KeptFact<DataOf<F>> => {
    const read = parse(spec.data, data, spec.name)
    const mode = said.mode ?? 'live'
    const journal = journalName(mode, spec.journal(read))
    const seq = (seqs.get(journal) ?? 0) + 1
    seqs.set(journal, seq)
    const position = nextPosition()
    const recordedAt = now().toISOString()
    return {
      ...{ position, id: randomUUID(), journal, seq, mode, name: spec.name, version: spec.version, site: 'rehearsal' },
      ...{ recordedAt, businessDate: recordedAt.slice(0, 10), actor: 'rehearsal', data: read },
      hash: createHash('sha256').update(`rehearsal ${position}`).digest('hex'),
      ...said,
    }
  }
}
