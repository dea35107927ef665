import { CALL_HEADERS, Holding, parseJson } from '@recyclique/contracts'
import type { Shared } from './parts.ts'
import { type Instance, isLiving } from './party.ts'

interface Parts extends Pick<Shared, 'bus' | 'roster' | 'subjects' | 'now' | 'log'> {
  /** A process is surely dead, and did not say that it would go. */
  readonly died: (module: string) => void
}

/** A connection that was only cut is back by then, and its process goes on with what it has in hand. */
const BACK_WITHIN_MS = 500
const ANSWER_WITHIN_MS = 1_000

/**
 * A fact that died with its process, while sisters of it live: all the others wait behind it, and the server would wait for it as well
 * (`ack_wait`, 30 s). It is given out again as soon as every sister has said that she does not hold it.
 *
 * The durable is not made anew for this: that would take it out of the sisters' hands. Where facts are taken without order nobody waits
 * behind one, and the server's patience is left to itself.
 */
export const openDeadHands = ({ bus, roster, subjects, now, log, died }: Parts) => {
  const timers = new Set<NodeJS.Timeout>()

  const ended = (module: string, id: string, isDeath: boolean) => {
    const startedAt = roster.find(module, id)?.startedAt
    const timer = setTimeout(() => {
      timers.delete(timer)
      const instance = roster.find(module, id)
      // Another process may bear its id by now.
      if (instance && isLiving(instance) && instance.startedAt === startedAt) return
      if (isDeath) died(module)
      giveBack(module).catch((err) => log.warn({ module, err }, 'what a dead process held could not be given back'))
    }, BACK_WITHIN_MS)
    timers.add(timer)
  }

  const giveBack = async (module: string) => {
    const sisters = roster.living(module).filter(({ state }) => state !== 'standby')
    if (sisters.length === 0 || !bus.isConnected) return
    const found = await bus.durables.find(module)
    if (found?.atOnce !== 1 || found.underWay === 0) return
    const held = await Promise.all(sisters.map((one) => positionsHeldBy(module, one)))
    if (held.flat().includes(found.delivered)) return
    log.info({ module, position: found.delivered }, 'a fact is taken out of the hands of a dead process')
    await bus.durables.giveOutAgain(module, found)
  }

  /** Rejects where she does not answer: then nobody knows, and the server waits. */
  const positionsHeldBy = async (module: string, { id, pending }: Instance): Promise<number[]> => {
    const headers = { [CALL_HEADERS.deadline]: String(now().getTime() + ANSWER_WITHIN_MS) }
    const subject = subjects.toModule(module, id, 'control', 'holding')
    const text = await bus.ask(subject, '', { withinMs: ANSWER_WITHIN_MS, headers, among: pending })
    return parseJson(Holding, text, 'what it holds').positions
  }

  return {
    ended,
    stop() {
      for (const timer of timers) clearTimeout(timer)
    },
  }
}
