import { Type } from '@sinclair/typebox'
import { FactHead } from './envelope.ts'
import type { KeptFact } from './fact.ts'
import { parseJson } from './parse.ts'

const FactLine = Type.Object({ ...FactHead.properties, data: Type.Unknown() })

/** A fact as one line of JSON: how facts are recorded in a file, to be given to a module again in its tests. */
export const toFactLine = (fact: KeptFact): string => {
  const { position, id, journal, seq, mode, name, version, site, recordedAt, businessDate, actor, data, hash } = fact
  return JSON.stringify({
    ...{ position, id, journal, seq, mode, name, version, site, recordedAt, businessDate, actor, data, hash },
  })
}

/** The other way. Throws a `Misfit` that begins with `what`, such as a file and a line. */
export const fromFactLine = (line: string, what: string): KeptFact => {
  const { data, ...head } = parseJson(FactLine, line, what)
  return { ...head, data }
}
