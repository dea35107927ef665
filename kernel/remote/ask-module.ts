import { CALL_HEADERS, Failure, type Subjects } from '@recyclique/contracts'
import { type Bus, type Hearer, Unanswered } from '../bus/port.ts'
import type { Clock } from '../hooks/clock.ts'
import type { Note } from '../hooks/notice.ts'
import type { Proceed, Question } from '../hooks/step.ts'
import type { Asks } from './asks.ts'
import { leastBusy } from './choose-peer.ts'
import { failureFrom, Unreached } from './failures.ts'
import { readReply } from './faults.ts'
import type { Line } from './line.ts'
import type { Peer } from './peer.ts'
import { opened, type Proceeds } from './proceeds.ts'
import { streamFrom } from './stream.ts'

/** After its deadline an answer is still listened for, so that it can be counted as late. */
const LATE_MS = 10_000

interface Parts {
  readonly bus: Pick<Bus, 'ask' | 'question'>
  readonly clock: Clock
  readonly note: Note
  readonly subjects: Subjects
  readonly kernel: string
  readonly proceeds: Proceeds
  readonly asks: Asks
}

/**
 * One question to one module, whichever process answers it; or to this very process. It is over at its deadline, at the first answer, or
 * when nobody is left who could answer. Whoever was surely not heard is passed over for the next one; whoever was perhaps heard is not.
 */
export const moduleAsker = ({ bus, clock, note, subjects, kernel, proceeds, asks }: Parts) => {
  const askModule = (line: Line, question: Question, proceed: Proceed, only?: Peer): Promise<unknown> => {
    const { group, asked, guard } = line
    const { module } = group
    const { callId, deadline, trace, hook } = question
    guard.enter(module)
    return new Promise((resolve, reject) => {
      const sentAt = clock.now()
      const way = asked.isWrapper ? proceeds.hold(callId, module, proceed) : undefined
      const over = asked.asksOn ? asks.during(module, question) : undefined
      const body = line.bodyOf(question, way && subjects.proceed(module, kernel, way.ticket))
      const headers = trace === undefined ? undefined : { [CALL_HEADERS.trace]: trace }
      let peer: Peer | undefined
      let isOver = false
      let forget = () => {}

      const end = () => {
        isOver = true
        stopWatch()
        guard.leave()
        over?.()
        way?.close()
      }
      const attempt = () => {
        peer = only ?? leastBusy(group, clock.now())
        if (!peer) return fail(new Unreached('nobody-there', `no process of ${module} can be asked`))
        question.reached(peer.id)
        forget = bus.question(line.subjectOf(peer), body, hearer, { headers, among: peer.pending })
      }
      const fail = (failure: Failure) => {
        end()
        if (failure instanceof Unreached && failure.isDeath && peer) guard.died(peer)
        else if (failure instanceof Unreached) guard.silent()
        reject(failure)
      }
      const hearer: Hearer = {
        answer(text) {
          if (isOver) return note({ is: 'late', hook, callId, module, ms: clock.now() - sentAt })
          end()
          guard.heard()
          try {
            resolve(valueIn(text))
          } catch (error) {
            reject(error)
          }
        },
        drop(why) {
          if (isOver) return
          if (!(why instanceof Unanswered && peer)) return fail(failureFrom(why, module))
          group.unheard(peer)
          if (only) fail(new Unreached('nobody-there', `${peer.id} of ${module} is not there`))
          else attempt()
        },
      }
      const valueIn = (text: string): unknown => {
        const reply = readReply(text, module)
        if (reply === 'same') return opened(way?.outcome())
        if ('error' in reply) throw reply.error
        if ('stream' in reply) return streamFrom(() => askPart(module, peer as Peer, reply.stream), module)
        return reply.value
      }
      const stopWatch = clock.after(deadline - sentAt, () => {
        if (peer) peer.silentAt = clock.now()
        end()
        guard.silent()
        reject(new Failure('timeout', 'no-answer-in-time', `${hook}: no answer from ${module} in time`))
        clock.after(LATE_MS, forget)
      })
      attempt()
    })
  }

  /** The call itself watches the time. */
  const askPart = (module: string, peer: Peer, stream: string): Promise<string> =>
    bus
      .ask(subjects.toModule(module, peer.id, 'part', stream), '', { withinMs: LATE_MS, among: peer.pending })
      .catch((error: Error) => {
        throw error instanceof Unanswered ? new Unreached('nobody-there', error.message) : failureFrom(error, module)
      })

  return askModule
}
