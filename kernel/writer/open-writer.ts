import { Worker } from 'node:worker_threads'
import { Refusal } from '../errors.ts'
import type { Kept, Ledger } from '../ledger/ledger.ts'
import type { Command, Rule } from '../ledger/rule.ts'
import { nameOf } from '../rules.ts'
import { StoreLost } from '../store/port.ts'
import type { Act, FromWriter, Head, Outcome, ToWriter, WriterSettings } from './messages.ts'

/** What the kernel asks of the writer: a ledger, as far as deciding and keeping go. Reading has connections of its own. */
export type Writer = Pick<Ledger, 'append' | 'head' | 'onCommit' | 'close'>

interface Waiting {
  readonly resolve: (kept: Kept) => void
  readonly reject: (error: Error) => void
}

/**
 * Starts the thread that decides and writes, and resolves once its ledger is open.
 *
 * On its own thread because COMMIT waits for the disk: on a slow one that is a tenth of a second in which nobody else would be
 * answered, and a module's answer in time would look late. The way there and back costs some microseconds an act, since what
 * arrives in one turn travels in one message (docs/decisions/the-writer-has-a-thread.md).
 */
export const openWriter = async (settings: WriterSettings, onLost: (error: StoreLost) => void): Promise<Writer> => {
  const worker = new Worker(new URL('./thread.ts', import.meta.url), {
    workerData: settings,
    // A sale leaves little behind that lives long: a small nursery keeps the thread small.
    resourceLimits: { maxYoungGenerationSizeMb: 8 },
  })
  const waiting = new Map<number, Waiting>()
  const listeners = new Set<(head: { position: number }) => void>()
  let head = await ready(worker)
  let leaving: Act[] = []
  let nr = 0
  let closing: Promise<void> | undefined

  const fail = (error: Error) => {
    const lost = new StoreLost(error)
    for (const { reject } of waiting.values()) reject(new Refusal('ledger-unavailable'))
    waiting.clear()
    onLost(lost)
  }
  const settle = (outcome: Outcome) => {
    const one = waiting.get(outcome.nr)
    waiting.delete(outcome.nr)
    if ('kept' in outcome) one?.resolve(outcome.kept)
    else one?.reject('refused' in outcome ? refusalOf(outcome.refused) : brokenBy(outcome.broke))
  }
  const advance = (next: Head) => {
    const hasGrown = next.position > head.position
    head = next
    if (hasGrown) for (const hear of listeners) hear(next)
  }
  worker.on('message', (message: FromWriter) => {
    if ('outcomes' in message) {
      for (const outcome of message.outcomes) settle(outcome)
      advance(message.head)
    } else if ('lost' in message) fail(new Error(message.lost))
  })
  worker.on('error', fail)
  worker.on('exit', () => {
    if (!closing) fail(new Error('the writer’s thread ended'))
  })

  const send = () => {
    const acts = leaving
    leaving = []
    say(worker, { acts })
  }

  return {
    append<B, S>(command: Command<B>, rule: Rule<B, S>) {
      if (closing) return Promise.reject(new Refusal('ledger-unavailable'))
      return new Promise((resolve, reject) => {
        nr += 1
        waiting.set(nr, { resolve, reject })
        if (leaving.length === 0) setImmediate(send)
        leaving.push({ nr, rule: nameOf(rule), command })
      })
    },
    get head() {
      return head
    },
    onCommit(hear) {
      listeners.add(hear)
      return () => listeners.delete(hear)
    },
    close() {
      closing ??= closed(worker)
      return closing
    },
  }
}

const say = (worker: Worker, message: ToWriter) => worker.postMessage(message)

const ready = (worker: Worker): Promise<Head> =>
  new Promise((resolve, reject) => {
    worker.once('error', reject)
    worker.once('message', (message: FromWriter) => {
      worker.off('error', reject)
      if ('ready' in message) resolve(message.ready)
      else if ('failed' in message)
        reject(Object.assign(new Error(message.failed.message), { name: message.failed.name }))
    })
  })

/** Sent at the end of the turn, so that what was taken before is carried out before. */
const closed = (worker: Worker): Promise<void> =>
  new Promise((resolve) => {
    worker.on('exit', () => resolve())
    setImmediate(() => say(worker, { close: true }))
  })

const refusalOf = ({ code, details, field, errors }: Extract<Outcome, { refused: object }>['refused']) =>
  new Refusal(code, details, { ...(field === undefined ? {} : { field }), ...(errors ? { errors } : {}) })

const brokenBy = ({ message, stack }: Extract<Outcome, { broke: object }>['broke']) =>
  Object.assign(new Error(message), { stack })
