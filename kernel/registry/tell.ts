import {
  type FactSpec,
  Misfit,
  MOST_TOLD_BYTES,
  objectSchemaFrom,
  parse,
  parseJson,
  readKernelSubject,
  Tell,
  type TellAnswer,
  type TellFault,
  unkeepable,
} from '@recyclique/contracts'
import { Refusal } from '../errors.ts'
import { digestOf, type TellFact, tellFact } from '../ledger/tell-fact.ts'
import type { Complaints } from './complaints.ts'
import type { Shared } from './parts.ts'
import type { Party } from './party.ts'

type Parts = Pick<Shared, 'roster' | 'decide'> & { readonly complaints: Complaints }

/**
 * Modules tell: what the manifest lists, as its schema wants it, is kept in the module's own journal, and told by the relay like every
 * other fact. Answered after the fsync. Who speaks stands in the subject, and the server vouches for it.
 */
export const openTell = ({ roster, decide, complaints }: Parts) => {
  const schemas = new WeakMap<Party, Map<string, FactSpec['data']>>()

  const told = async ({ subject, text }: { subject: string; text: string }): Promise<string> => {
    const { module, rest } = readKernelSubject(subject)
    return JSON.stringify(await answerTo(module, rest.join('.'), text))
  }

  const answerTo = async (module: string, name: string, text: string): Promise<TellAnswer> => {
    try {
      return await keep(module, name, read(text))
    } catch (error) {
      const fault = faultOf(error, name)
      if (!fault.isPassing) complaints.log(module, `'${name}' was told and is not kept (${fault.code}).`, fault.words)
      return { error: fault }
    }
  }

  const keep = async (module: string, name: string, { instance, key, mode = 'live', data }: Tell) => {
    const party = roster.partyWith(module, instance)
    if (!party || party.place === 'standby') throw new Untold('module-not-at-work', notAtWork(module, party))
    const version = party.manifest.tells?.find((one) => one.name === name)?.version
    if (version === undefined)
      throw new Untold('tells-undeclared', `The manifest of ${module} does not list '${name}' under 'tells'.`)
    parse(schemaOf(party, name), data, name)
    refuseUnkeepable(data)
    const body: TellFact = { name, version, mode, data }
    const as = { actor: `module.${module}`, digest: digestOf(body) }
    const { facts } = await decide(tellFact, body, key === undefined ? as : { ...as, key: keyOf(module, key) })
    const [fact] = facts
    if (!fact) throw new Error(`${name} was told and yielded no fact`)
    return { position: fact.position, seq: fact.seq }
  }

  /** Made once for each version that is there: a schema is compiled at its first use. */
  const schemaOf = (party: Party, name: string) => {
    const made = schemas.get(party) ?? new Map<string, FactSpec['data']>()
    schemas.set(party, made)
    const schema = made.get(name) ?? objectSchemaFrom(party.manifest.tells?.find((one) => one.name === name)?.data)
    made.set(name, schema)
    return schema
  }

  /** It may say the same again a little later. */
  const tooOften = (why: string): string =>
    JSON.stringify({ error: { code: 'ledger-unavailable', words: why, isPassing: true } } satisfies TellAnswer)

  return { told, tooOften }
}

/** A colon stands in no key that comes over HTTP: nobody can take a module's key before it. */
const keyOf = (module: string, key: string) => `tell:${module}:${key}`

class Untold extends Error {
  readonly fault: TellFault
  constructor(code: TellFault['code'], words: string, field?: string) {
    super(words)
    this.fault = { code, words, isPassing: code === 'module-not-at-work', ...(field === undefined ? {} : { field }) }
  }
}

const read = (text: string): Tell => {
  if (Buffer.byteLength(text) > MOST_TOLD_BYTES)
    throw new Untold(
      'tell-too-large',
      `This is over ${MOST_TOLD_BYTES} bytes: tell less at once, or a reference to it.`,
    )
  try {
    return parseJson(Tell, text, 'what is told')
  } catch (error) {
    if (error instanceof Misfit) throw new Untold('tell-malformed', `${error.message}.`, error.flaws[0]?.field)
    throw error
  }
}

const refuseUnkeepable = (data: unknown) => {
  const flaw = unkeepable(data)
  if (flaw) throw new Untold('data-invalid', `${flaw.field || 'The whole'} ${flaw.why}.`, flaw.field)
}

const notAtWork = (module: string, party: Party | undefined) =>
  party ? `${module} waits: ${party.reasons.join(' ')}` : `This process of ${module} has not announced itself here yet.`

const faultOf = (error: unknown, name: string): TellFault => {
  if (error instanceof Untold) return error.fault
  if (error instanceof Misfit)
    return { code: 'data-invalid', words: `${error.message}.`, field: error.flaws[0]?.field ?? '', isPassing: false }
  if (error instanceof Refusal && error.code === 'key-reused')
    return { code: 'key-reused', words: `${name} was told under this key with other data.`, isPassing: false }
  if (error instanceof Refusal) return { code: 'ledger-unavailable', words: error.message, isPassing: true }
  throw error
}
