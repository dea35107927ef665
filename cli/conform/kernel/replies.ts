import { type Manifest, Misfit, objectSchemaFrom, parse, type TellAnswer } from '@recyclique/contracts'
import type { Said } from './played-kernel.ts'

export interface ToldFact {
  readonly name: string
  readonly version: number
  readonly key: string | undefined
  readonly mode: 'live' | 'training'
  readonly data: unknown
}

type Keep = (fact: ToldFact) => Promise<TellAnswer>

/** What a kernel says to a `tell`: as strict as the real one, so that a fact that would be refused there is refused here. */
export const replyToTell = async ({ tells = [] }: Manifest, said: Said, keep: Keep): Promise<TellAnswer> => {
  const declared = tells.find(({ name }) => name === said.name)
  if (!declared) return fault('tells-undeclared', `manifest.json does not list '${said.name}' under 'tells'`)
  if (said.flaw !== undefined) return fault('tell-malformed', said.flaw)
  const { key, mode = 'live', data } = said.body as { key?: string; mode?: 'live' | 'training'; data: unknown }
  try {
    parse(objectSchemaFrom(declared.data), data, said.name)
  } catch (error) {
    if (!(error instanceof Misfit)) throw error
    return fault('data-invalid', error.message)
  }
  return keep({ name: said.name, version: declared.version, key, mode, data })
}

type Code = Extract<TellAnswer, { error: object }>['error']['code']

const fault = (code: Code, words: string): TellAnswer => ({ error: { code, words, isPassing: false } })

export const keyReused = ({ key }: ToldFact): TellAnswer =>
  fault('key-reused', `the key '${key}' was used before, with other data`)
