import { isDeepStrictEqual } from 'node:util'
import {
  type Manifest,
  Misfit,
  MOST_TOLD_BYTES,
  objectSchemaFrom,
  parse,
  parseJson,
  Tell,
  type TellAnswer,
  type TellFault,
  unkeepable,
} from '@recyclique/contracts'

/** A fact that the module told, as it was kept. */
export interface Told {
  readonly name: string
  readonly mode: 'live' | 'training'
  readonly key: string | undefined
  readonly data: unknown
  readonly position: number
}

class Untold extends Error {
  readonly fault: TellFault
  constructor(code: TellFault['code'], words: string, field?: string) {
    super(words)
    this.fault = { code, words, isPassing: false, ...(field === undefined ? {} : { field }) }
  }
}

/** The kernel's part of telling: what the manifest lists, as its schema wants it, once for each key. */
export const openTold = ({ name: module, tells = [] }: Manifest, nextPosition: () => number) => {
  const told: Told[] = []

  const keep = (name: string, text: string): TellAnswer => {
    if (Buffer.byteLength(text) > MOST_TOLD_BYTES)
      throw new Untold('tell-too-large', `This is over ${MOST_TOLD_BYTES} bytes: tell less at once.`)
    const { key, mode = 'live', data } = read(text)
    const said = tells.find((one) => one.name === name)
    if (!said) throw new Untold('tells-undeclared', `The manifest of ${module} does not list '${name}' under 'tells'.`)
    parse(objectSchemaFrom(said.data), data, name)
    const flaw = unkeepable(data)
    if (flaw) throw new Untold('data-invalid', `${flaw.field || 'The whole'} ${flaw.why}.`, flaw.field)
    const before = key === undefined ? undefined : told.find((one) => one.key === key)
    if (before && !isDeepStrictEqual([before.name, before.mode, before.data], [name, mode, data]))
      throw new Untold('key-reused', `${name} was told under this key with other data.`)
    const one = before ?? { name, mode, key, data, position: nextPosition() }
    if (!before) told.push(one)
    return { position: one.position, seq: told.indexOf(one) + 1 }
  }

  return {
    told: told as readonly Told[],
    answer: (name: string, text: string): TellAnswer => {
      try {
        return keep(name, text)
      } catch (error) {
        return { error: faultOf(error) }
      }
    },
  }
}

const read = (text: string): Tell => {
  try {
    return parseJson(Tell, text, 'what is told')
  } catch (error) {
    if (error instanceof Misfit) throw new Untold('tell-malformed', `${error.message}.`, error.flaws[0]?.field)
    throw error
  }
}

const faultOf = (error: unknown): TellFault => {
  if (error instanceof Untold) return error.fault
  if (!(error instanceof Misfit)) throw error
  return { code: 'data-invalid', words: `${error.message}.`, field: error.flaws[0]?.field ?? '', isPassing: false }
}
