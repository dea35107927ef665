import { createInbox, headers as emptyHeaders, type Msg, type NatsConnection } from '@nats-io/transport-node'
import { type Bus, BusAway, type Hearer, TooLarge, Unanswered, type Wanted } from '../port.ts'

/** Calls `ring` once, later; gives the way to stop it. */
export type After = (ms: number, ring: () => void) => () => void

/** Headers count into the server's limit. */
const HEADER_ROOM = 4096

/**
 * Requests through one subscription: an inbox of our own in which each question has a number. The client's own `request()` makes an
 * error and a timer for each call, which halves what one process can ask.
 *
 * An answer whose number nobody waits for any more is dropped.
 */
export const multiplex = (connection: NatsConnection, after: After) => {
  const inbox = `${createInbox()}.`
  const waiting = new Map<string, Hearer>()
  let asked = 0
  connection.subscribe(`${inbox}*`, {
    callback: (error, message) => {
      if (error) return
      const one = waiting.get(message.subject.slice(inbox.length))
      if (isNobody(message)) one?.drop(new Unanswered('nobody'))
      else one?.answer(message.string())
    },
  })

  const question: Bus['question'] = (subject, text, hearer, { headers, among } = {}) => {
    asked += 1
    const number = asked.toString(36)
    const forget = () => {
      waiting.delete(number)
      among?.delete(one)
    }
    const one: Hearer = {
      answer(found) {
        forget()
        hearer.answer(found)
      },
      drop(why) {
        forget()
        hearer.drop(why)
      },
    }
    waiting.set(number, one)
    among?.add(one)
    try {
      refuseTooLarge(connection, text)
      const reply = `${inbox}${number}`
      connection.publish(subject, text, headers === undefined ? { reply } : { reply, headers: carried(headers) })
    } catch (error) {
      one.drop(error instanceof TooLarge ? error : new BusAway((error as Error).message))
    }
    return forget
  }

  const ask = (subject: string, text: string, { withinMs, ...wanted }: Wanted): Promise<string> =>
    new Promise((resolve, reject) => {
      const cancel = after(withinMs, () => {
        forget()
        reject(new Unanswered('too-late'))
      })
      const hearer: Hearer = {
        answer(found) {
          cancel()
          resolve(found)
        },
        drop(why) {
          cancel()
          reject(why)
        },
      }
      const forget = question(subject, text, hearer, wanted)
    })

  return {
    ...{ ask, question },
    /** The connection is gone, and with it every answer that was on its way. */
    dropAll(why: Error) {
      for (const one of [...waiting.values()]) one.drop(why)
    },
  }
}

export type Multiplexer = ReturnType<typeof multiplex>

/** The server's own answer where nobody subscribes. */
const isNobody = (message: Msg): boolean => message.data.length === 0 && message.headers?.code === 503

const refuseTooLarge = ({ info }: NatsConnection, text: string) => {
  const most = (info?.max_payload ?? 0) - HEADER_ROOM
  // No character takes more than three bytes: most texts need not be measured.
  if (text.length * 3 > most && Buffer.byteLength(text) > most) throw new TooLarge(most + HEADER_ROOM)
}

const carried = (named: Readonly<Record<string, string>>) => {
  const headers = emptyHeaders()
  for (const name in named) headers.set(name, named[name] as string)
  return headers
}
