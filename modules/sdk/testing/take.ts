import { factMode, fromWire, type KeptFact, type Retried, toHeaders } from '@recyclique/contracts'
import { asError, DeadLetter, wordsOf } from '../dead-letter.ts'
import { handleFact } from '../handle-fact.ts'
import { RETRY_MS } from '../start-module.ts'
import type { Stage } from './stage.ts'

/**
 * What became of a fact: `taken`; `unheard`, since the manifest does not list it, or it is one of training; `again`: it would come
 * again later, and those behind it wait; `dead`: it goes to the dead letters.
 */
export type Taking =
  | { readonly is: 'taken' | 'unheard' }
  | { readonly is: 'again' | 'dead'; readonly error: Error; readonly attempts: number }

export interface Dead {
  readonly fact: KeptFact
  readonly error: Error
}

/** It is of a newer version than the module knows: no number of tries helps, only an upgrade. */
export class TooNew extends Error {}

export const openTakes = (stage: Stage) => {
  const { module } = stage
  const { manifest, heard, store } = module
  const failures = new Map<number, number>()
  const dead: Dead[] = []

  const isDelivered = ({ name, mode }: KeptFact) =>
    (manifest.hears ?? []).includes(name) && (factMode(mode) === 'live' || manifest.hearsTraining === true)

  const attempt = async (fact: KeptFact, isRetry: boolean): Promise<Error | undefined> => {
    const one = heard.get(fact.name)
    if (!one) return undefined
    const { name, version } = fact
    if (version > one.spec.version)
      return new TooNew(`${name} is of version ${version}, this module knows ${one.spec.version}: upgrade it`)
    return handleFact(stage, one, overTheWire(fact), isRetry).then(() => undefined, asError)
  }

  return {
    dead: dead as readonly Dead[],

    /** One try. */
    async take(fact: KeptFact): Promise<Taking> {
      if (!isDelivered(fact)) return { is: 'unheard' }
      const error = await attempt(fact, false)
      if (!error) return { is: 'taken' }
      const attempts = (failures.get(fact.position) ?? 0) + 1
      failures.set(fact.position, attempts)
      const isLast = error instanceof DeadLetter || (!(error instanceof TooNew) && attempts > RETRY_MS.length)
      if (!isLast) return { is: 'again', error, attempts }
      dead.push({ fact, error })
      store?.pass(fact.position)
      return { is: 'dead', error, attempts }
    },

    /** As an operator has it taken once more from the dead letters. */
    async retry(fact: KeptFact): Promise<Retried> {
      const error = await attempt(fact, true)
      return error ? { ok: false, ...wordsOf(error) } : { ok: true }
    },
  }
}

export type Takes = ReturnType<typeof openTakes>

/** Whatever the message could not carry is gone here too. */
const overTheWire = (fact: KeptFact): KeptFact => {
  const headers = toHeaders(fact)
  return fromWire((name) => headers[name] ?? '', JSON.stringify(fact.data))
}
