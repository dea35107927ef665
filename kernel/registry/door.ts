import { Misfit, readKernelSubject } from '@recyclique/contracts'
import type { Handle } from '../bus/port.ts'
import { openBuckets, type Pace } from './buckets.ts'
import type { Complaints } from './complaints.ts'

/** What a module may send of one kind: beyond it nothing is looked at. */
interface Limit extends Pace {
  /** Of one message. */
  readonly most: number
}

/** Many times what a module of sixty-four processes needs that does nothing wrong; they may all come back in one moment. */
const LIMITS = {
  announce: { perSecond: 20, burst: 150, most: 512_000 },
  heartbeat: { perSecond: 200, burst: 500, most: 4_000 },
  bye: { perSecond: 20, burst: 150, most: 4_000 },
  dead: { perSecond: 200, burst: 500, most: 64_000 },
  // How large one may be is said where it is read, with the field that is too large.
  tell: { perSecond: 2_000, burst: 5_000, most: Number.POSITIVE_INFINITY },
  kv: { perSecond: 500, burst: 2_000, most: Number.POSITIVE_INFINITY },
  job: { perSecond: 200, burst: 1_000, most: Number.POSITIVE_INFINITY },
  api: { perSecond: 200, burst: 1_000, most: Number.POSITIVE_INFINITY },
} as const satisfies Record<string, Limit>

type Verb = keyof typeof LIMITS

interface Parts {
  readonly complaints: Complaints
  readonly now: () => Date
}

/**
 * Where modules come in: who sends too much, too often or what cannot be read is complained of by name, and holds up nobody else. Who
 * speaks stands in the subject, and the server vouches for it.
 */
export const openDoor = ({ complaints, now }: Parts) => {
  const buckets = openBuckets(now)

  /** Why this message is not looked at; undefined where it is. */
  const against = (module: string, verb: Verb, text: string): string | undefined => {
    const { perSecond, most } = LIMITS[verb]
    if (buckets.isOver(`${module} ${verb}`, LIMITS[verb]))
      return `It sends '${verb}' more than ${perSecond} times a second: what is over that is not looked at.`
    return text.length > most ? `It sends '${verb}' with more than ${most} bytes: that is not looked at.` : undefined
  }

  /** A question; `refused` answers what is not looked at. No answer: the module asks again after a while. */
  const asked =
    (
      verb: Verb,
      answer: (module: string, text: string) => Promise<string>,
      refused?: (why: string) => string,
    ): Handle =>
    (heard) =>
      letIn(verb, heard, (module) => answer(module, heard.text), refused)

  /** A message without an answer. */
  const told =
    (verb: Verb, note: (module: string, text: string) => void): Handle =>
    (heard) =>
      letIn(verb, heard, async (module) => {
        note(module, heard.text)
        return undefined
      })

  const letIn = async (
    verb: Verb,
    { subject, text }: { subject: string; text: string },
    work: (module: string) => Promise<string | undefined>,
    refused?: (why: string) => string,
  ): Promise<string | undefined> => {
    const { module } = readKernelSubject(subject)
    const why = against(module, verb, text)
    if (why !== undefined) {
      complaints.note(module, why)
      return refused?.(why)
    }
    try {
      return await work(module)
    } catch (error) {
      if (!(error instanceof Misfit)) throw error
      complaints.note(module, `It sends '${verb}' in a form that cannot be read.`, error.message)
      return undefined
    }
  }

  return { asked, told, letIn }
}

export type Door = ReturnType<typeof openDoor>
