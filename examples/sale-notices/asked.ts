import type { Msg } from '@nats-io/transport-node'
import { type Around, log } from './life.ts'
import { readQuestion, withCaution } from './notices.ts'
import { openService } from './service.ts'
import { takeSale } from './take-sale.ts'

export interface Asked {
  /** How many questions are in hand. */
  count(): number
  /** Takes no more; those in hand are answered, with all that stands inside them. */
  close(): Promise<void>
}

interface Handlers {
  /** The answer to a control; undefined: it is not known here. */
  readonly control: (what: string, text: string) => string | undefined
}

/** Answers what the kernel asks of this process. */
export const openAsked = (around: Around, mine: string, { control }: Handlers): Asked => {
  const running = new Set<Promise<void>>()
  const service = openService(around.connection, around.instance, mine)
  const reply = async (message: Msg): Promise<string | undefined> => {
    const [verb, ...rest] = message.subject.slice(mine.length).split('.')
    if (verb === 'hook') return JSON.stringify(await service.counted(() => answer(around, message)))
    if (verb === 'control' && rest[0] === 'retry') return JSON.stringify(await retry(around, message))
    return verb === 'control' ? control(rest.join('.'), message.string()) : undefined
  }
  const subscription = around.connection.subscribe(`${mine}>`, {
    callback: (_, message) => {
      const one = reply(message)
        .then((text) => void (text === undefined ? undefined : message.respond(text)))
        .catch((error) => log('a question could not be answered', { reason: String(error) }))
        .finally(() => running.delete(one))
      running.add(one)
    },
  })
  return {
    count: () => running.size,
    async close() {
      if (!around.connection.isClosed()) await subscription.drain().catch(() => {})
      await Promise.all(running)
    },
  }
}

interface Call {
  readonly handler: string
  readonly args: unknown
  readonly deadline: number
  readonly proceed?: string
}

/** One of the replies of the protocol; undefined (silence) where nobody waits any more. */
const answer = async (around: Around, message: Msg): Promise<object | undefined> => {
  try {
    const call = readCall(message)
    if (call.deadline <= Date.now()) return undefined
    if (call.handler !== 'sale.validate')
      return invalid('handler-unknown', `there is no handler '${call.handler}' here`)
    return await wrap(around, call)
  } catch (error) {
    return invalid('question-malformed', (error as Error).message)
  }
}

const readCall = (message: Msg): Call => {
  const { handler, args, deadline, proceed } = message.json<Partial<Call>>()
  if (typeof handler !== 'string' || typeof deadline !== 'number' || typeof args !== 'object')
    throw new TypeError('handler, args and deadline are wanted')
  return { handler, args, deadline, ...(proceed === undefined ? {} : { proceed }) }
}

/** Lets the others answer, and puts a caution behind where the sale is a large one. An error of theirs goes through as it is. */
const wrap = async ({ connection, config }: Around, { args, deadline, proceed }: Call): Promise<object> => {
  const question = readQuestion(args)
  if (proceed === undefined)
    return invalid('not-wrapped', 'sale-notices wraps sale.validate, and finds nothing to proceed to')
  const reply = await connection.request(proceed, '', { timeout: Math.max(1, deadline - Date.now()) })
  const outcome = reply.json<{ v?: { verdict: 'allow' | 'refuse' | 'caution' }[] }>()
  if (!Array.isArray(outcome.v)) return { same: true }
  const changed = withCaution(config, question, outcome.v)
  return changed ? { v: changed } : { same: true }
}

const retry = async (around: Around, message: Msg): Promise<object> => {
  try {
    await takeSale(around, Number(message.headers?.get('rq-position')), message.json())
    return { ok: true }
  } catch (error) {
    return { ok: false, error: String(error).slice(0, 2_000) }
  }
}

const invalid = (code: string, message: string) => ({ error: { kind: 'invalid', code, message } })
