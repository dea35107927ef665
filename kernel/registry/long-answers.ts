import type { Readable } from 'node:stream'
import type { BodyClaim, Subjects } from '@recyclique/contracts'
import type { Bus } from '../bus/port.ts'
import { Refusal } from '../errors.ts'
import type { Peer } from '../remote/peer.ts'
import { takeBody } from './take-body.ts'

/** Of one module at the same time: each holds a few parts in the kernel's memory. */
const MOST_AT_ONCE = 32

/** Four parts are asked for at once; a module that has none says so after ten seconds, and the fourth waits for three before it. */
const PART_WITHIN_MS = 60_000

interface Parts {
  readonly bus: Pick<Bus, 'ask' | 'say'>
  readonly subjects: Subjects
  readonly now: () => Date
}

/** Long answers of modules that are being read. */
export interface LongAnswers {
  /** Refuses with `module-unavailable` where the module has too many under way already. */
  take(module: string, process: Peer, claim: BodyClaim): Readable
}

export const openLongAnswers = ({ bus, subjects, now }: Parts): LongAnswers => {
  const underWay = new Map<string, number>()
  const count = (module: string, by: number) => underWay.set(module, (underWay.get(module) ?? 0) + by)
  return {
    take(module, { id, pending }, claim) {
      const subject = subjects.toModule(module, id, 'body', claim.name)
      const stop = () => bus.say(subject, JSON.stringify({ stop: true }))
      if ((underWay.get(module) ?? 0) >= MOST_AT_ONCE) {
        stop()
        throw new Refusal('module-unavailable', {
          module,
          why: `${MOST_AT_ONCE} long answers of it are being read already`,
        })
      }
      count(module, 1)
      const ask = (part: number) =>
        bus.ask(subject, JSON.stringify({ part }), { withinMs: PART_WITHIN_MS, among: pending })
      const body = takeBody({ module, ask, stop, nowMs: () => now().getTime() }, claim)
      return body.once('close', () => count(module, -1))
    },
  }
}
