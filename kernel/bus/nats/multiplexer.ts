import { createInbox, headers as emptyHeaders, type Msg, type NatsConnection } from '@nats-io/transport-node'
import { BusAway, type Pending, TooLarge, Unanswered, type Wanted } from '../port.ts'

/** Calls `ring` once, later; gives the way to stop it. */
export type After = (ms: number, ring: () => void) => () => void

/** Headers count into the server's limit. */
const HEADER_ROOM = 4096

interface Waiting extends Pending {
  answer(text: string): void
}

/**
 * Requests through one subscription: an inbox of our own in which each question has a number. The client's own `request()` makes an
 * error and a timer for each call, which halves what one process can ask.
 *
 * An answer whose number nobody waits for any more is dropped.
 */
export const multiplex = (connection: NatsConnection, after: After) => {
  const inbox = `${createInbox()}.`
  const waiting = new Map<string, Waiting>()
  let asked = 0
  connection.subscribe(`${inbox}*`, {
    callback: (error, message) => {
      if (error) return
      const one = waiting.get(message.subject.slice(inbox.length))
      if (isNobody(message)) one?.drop(new Unanswered('nobody'))
      else one?.answer(message.string())
    },
  })

  const ask = (subject: string, text: string, { withinMs, headers, among }: Wanted): Promise<string> =>
    new Promise((resolve, reject) => {
      asked += 1
      const number = asked.toString(36)
      const end = () => {
        waiting.delete(number)
        among?.delete(one)
        cancel()
      }
      const one: Waiting = {
        answer(found) {
          end()
          resolve(found)
        },
        drop(why) {
          end()
          reject(why)
        },
      }
      const cancel = after(withinMs, () => one.drop(new Unanswered('too-late')))
      waiting.set(number, one)
      among?.add(one)
      try {
        refuseTooLarge(connection, text)
        connection.publish(subject, text, { reply: `${inbox}${number}`, headers: carried(headers) })
      } catch (error) {
        one.drop(error instanceof TooLarge ? error : new BusAway((error as Error).message))
      }
    })

  return {
    ask,
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
