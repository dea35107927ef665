import { randomUUID } from 'node:crypto'
import { errors, type NatsConnection } from '@nats-io/transport-node'
import {
  type Manifest,
  MOST_TOLD_BYTES,
  parseJson,
  type Subjects,
  TellAnswer,
  type TellFault,
  type Told,
} from '@recyclique/contracts'
import type { Logger } from 'pino'
import { ModuleError } from './errors.ts'
import { growingWaits, pause, unlessAborted } from './pause.ts'

export interface Telling {
  /**
   * The same key is the same fact, kept once: make it from what made you tell (`sale-<position>`), so that a fact that comes twice tells once.
   * Under one key the data stay the same. Without a key each call tells anew.
   */
  readonly key?: string
  /** Where a fact is heard, the mode of that fact; else `live`. */
  readonly mode?: 'live' | 'training'
}

/**
 * Tells a fact of this module's own, as its manifest lists it. Resolves once the kernel has it on disk, with its place in the ledger.
 *
 * While no kernel answers it tries on, for as long as the caller is waited for. Throws a `ModuleError` for a name that the manifest does not list, and a `NotTold`
 * for what a kernel will not keep, or when nobody waits any more: then it may be kept or not, and only the same key finds out.
 */
export type Tell = (name: string, data: object, telling?: Telling) => Promise<Told>

/** `code` is the kernel's, or `given-up`, or `withheld`: an operator does not let the module tell this. `field` is a JSON pointer into the data. */
export class NotTold extends Error {
  readonly code: TellFault['code'] | 'given-up' | 'withheld'
  readonly field: string | undefined
  constructor(code: NotTold['code'], words: string, { field, cause }: { field?: string; cause?: unknown } = {}) {
    super(words, cause === undefined ? {} : { cause })
    this.name = 'NotTold'
    this.code = code
    this.field = field
  }
}

/** What telling needs of a process that runs. */
export interface TellParts {
  readonly module: { readonly manifest: Manifest }
  readonly instance: string
  readonly connection: NatsConnection
  readonly subjects: Subjects
  readonly log: Logger
  /** Rights that an operator withholds, as the kernel said last. */
  readonly withheld?: ReadonlySet<string>
}

/** For one handler: `signal` aborts when nobody waits for it any more. */
export const tellerOf =
  (parts: TellParts, signal: AbortSignal, mode: Telling['mode'] = 'live'): Tell =>
  async (name, data, telling = {}) => {
    refuseUndeclared(parts.module.manifest, name)
    refuseWithheld(parts, name)
    const said = { mode, key: randomUUID(), ...telling, instance: parts.instance, data }
    const text = JSON.stringify(said)
    refuseTooLarge(text)
    return untilTold(parts, { name, text, signal })
  }

/** For all that a module does outside of its handlers: a timer, a watched folder. Waits for the start, and for the end of what is under way. */
export const openTells = (manifest: Manifest) => {
  const started = Promise.withResolvers<Tell>()
  const running = new Set<Promise<unknown>>()
  let teller: Tell | undefined
  const tell: Tell = async (name, data, telling) => {
    refuseUndeclared(manifest, name)
    const one = (teller ?? (await started.promise))(name, data, telling)
    running.add(one)
    return one.finally(() => running.delete(one))
  }
  return {
    tell,
    /** The process runs. A second start of the same module takes the place of the first. */
    start(parts: TellParts, signal: AbortSignal) {
      teller = tellerOf(parts, signal)
      started.resolve(teller)
    },
    /** Resolves when nothing is under way any more. */
    async idle() {
      await Promise.allSettled(running)
    },
  }
}

export type Tells = ReturnType<typeof openTells>

const refuseUndeclared = ({ tells = [] }: Manifest, fact: string) => {
  if (!tells.some(({ name }) => name === fact)) throw new ModuleError('tells-undeclared', { fact })
}

/** Nobody hears it on the bus: without this it would be told again and again, as to a kernel that is away. */
const refuseWithheld = ({ module, withheld }: TellParts, fact: string) => {
  if (!withheld?.has(`tells:${fact}`)) return
  const { name } = module.manifest
  throw new NotTold(
    'withheld',
    `an operator withholds it: \`recyclique modules grant ${name} tells:${fact}\` lets it tell ${fact} again`,
  )
}

const refuseTooLarge = (text: string) => {
  const bytes = Buffer.byteLength(text)
  if (bytes > MOST_TOLD_BYTES)
    throw new NotTold('tell-too-large', `${bytes} bytes are more than the ${MOST_TOLD_BYTES} that can be told at once`)
}

/** Said again after that: the server that had it in hand may be gone. */
const ANSWER_WITHIN_MS = 2_000

interface Saying {
  readonly name: string
  readonly text: string
  readonly signal: AbortSignal
}

const untilTold = async (parts: TellParts, { name, text, signal }: Saying): Promise<Told> => {
  const waits = growingWaits([100, 250, 500, 1_000, 2_000, 5_000])
  let last: unknown
  let lastSaid = ''
  while (!signal.aborted && !parts.connection.isClosed()) {
    try {
      const told = await unlessAborted(request(parts, name, text), signal)
      if (told) return told
    } catch (error) {
      if (error instanceof NotTold) throw error
      refuseWithheld(parts, name)
      last = error
      const reason = wordsOf(error as Error)
      // Said once for each new reason, not at each attempt.
      if (reason !== lastSaid) parts.log.warn({ fact: name, reason }, 'a fact cannot be told yet; trying on')
      lastSaid = reason
      await pause(waits.nextMs(), signal)
    }
  }
  throw new NotTold('given-up', `${name}: nobody waits for it any more`, { cause: last })
}

/** Rejects with a `NotTold` where another try would change nothing. */
const request = async ({ module, connection, subjects }: TellParts, name: string, text: string): Promise<Told> => {
  const subject = subjects.toKernel(module.manifest.name, 'tell', name)
  const reply = await connection.request(subject, text, { timeout: ANSWER_WITHIN_MS })
  const answer = parseJson(TellAnswer, reply.string(), 'the answer to tell')
  if (!('error' in answer)) return answer
  const { code, words, field, isPassing } = answer.error
  if (isPassing) throw new Error(words)
  throw new NotTold(code, words, field === undefined ? {} : { field })
}

const wordsOf = (error: Error): string => {
  const isNobody = error instanceof errors.NoRespondersError || error.cause instanceof errors.NoRespondersError
  return isNobody ? 'no kernel is there' : error.message
}
