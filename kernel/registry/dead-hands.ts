import { Holding, parseJson } from '@recyclique/contracts'
import type { Shared } from './parts.ts'
import { type Instance, isLiving } from './party.ts'

interface Parts extends Pick<Shared, 'bus' | 'roster' | 'subjects' | 'log'> {
  /** A process is dead, did not say that it would go, and no living one has what it had in hand. */
  readonly died: (module: string) => void
}

/** A connection that was only cut is back by then, and its process goes on with what it has in hand. */
const BACK_WITHIN_MS = 500
const ANSWER_WITHIN_MS = 1_000

/**
 * A fact that died with its process. The death is counted (see `durables.died`), unless a sister says that she has the fact in hand: then it
 * killed nobody, however often others die beside her.
 *
 * While sisters live, all the others wait behind it, and the server would wait for it as well (`ack_wait`, 30 s): it is given out again as soon
 * as every sister has said that she does not hold it. The durable is not made anew for this: that would take it out of the sisters' hands.
 * Where facts are taken without order nobody waits behind one, and the server's patience is left to itself.
 */
export const openDeadHands = ({ bus, roster, subjects, log, died }: Parts) => {
  const timers = new Set<NodeJS.Timeout>()

  const ended = (module: string, id: string, isDeath: boolean) => {
    const startedAt = roster.find(module, id)?.startedAt
    const sisters = sistersOf(module)
    const timer = setTimeout(() => {
      timers.delete(timer)
      const instance = roster.find(module, id)
      // Another process may bear its id by now.
      if (instance && isLiving(instance) && instance.startedAt === startedAt) return
      const counted = isDeath ? count(module, sisters) : Promise.resolve()
      counted.then(() => giveBack(module)).catch(unknown(module))
    }, BACK_WITHIN_MS)
    timers.add(timer)
  }

  /** It is silent for so long that it counts as dead. What it holds is not given to another: it may only be slow. */
  const lost = (module: string) => void count(module, sistersOf(module)).catch(unknown(module))

  /** `sisters` lived when it died: one that came since may have the fact from the dead one. */
  const count = async (module: string, sisters: readonly Instance[]) => {
    const found = await outNow(module)
    if (found && !(await isHeld(module, found.delivered, sisters.filter(isLiving)))) died(module)
  }

  const giveBack = async (module: string) => {
    const sisters = sistersOf(module)
    const found = sisters.length > 0 ? await outNow(module) : undefined
    if (!found || (await isHeld(module, found.delivered, sisters))) return
    log.info({ module, position: found.delivered }, 'a fact is taken out of the hands of a dead process')
    await bus.durables.giveOutAgain(module, found)
  }

  const sistersOf = (module: string) => roster.living(module).filter(({ state }) => state !== 'standby')

  /** The durable, where it gives out one fact at a time and one is out. */
  const outNow = async (module: string) => {
    if (!bus.isConnected) return undefined
    const found = await bus.durables.find(module)
    return found?.atOnce === 1 && found.underWay > 0 ? found : undefined
  }

  const isHeld = async (module: string, position: number, sisters: readonly Instance[]) =>
    (await Promise.all(sisters.map((one) => positionsHeldBy(module, one)))).flat().includes(position)

  /** Rejects where she does not answer: then nobody knows, and the server waits. */
  const positionsHeldBy = async (module: string, { id, pending }: Instance): Promise<number[]> => {
    const subject = subjects.toModule(module, id, 'control', 'holding')
    const text = await bus.ask(subject, '', { withinMs: ANSWER_WITHIN_MS, among: pending })
    return parseJson(Holding, text, 'what it holds').positions
  }

  const unknown = (module: string) => (err: unknown) =>
    log.warn({ module, err }, 'nobody knows what a dead process held; the server waits for it')

  return {
    ...{ ended, lost },
    stop() {
      for (const timer of timers) clearTimeout(timer)
    },
  }
}

export type DeadHands = ReturnType<typeof openDeadHands>
