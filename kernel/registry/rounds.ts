import type { Complaints } from './complaints.ts'
import type { DeadHands } from './dead-hands.ts'
import type { Durables } from './durables.ts'
import { askHealth } from './health.ts'
import type { InTurn } from './in-turns.ts'
import type { Lifecycle } from './lifecycle.ts'
import type { Shared } from './parts.ts'

interface Parts extends Shared {
  readonly lifecycle: Lifecycle
  readonly durables: Durables
  readonly deadHands: DeadHands
  readonly complaints: Complaints
  readonly inTurn: InTurn
}

/** After a start the modules of the kernel before have so many heartbeats to announce themselves, before they count as stopped. */
const GRACE_BEATS = 5

const HEALTH_WITHIN_MS = 1_000

/** What is looked after again and again: who is silent, who is well, where the facts of each wait. */
export const openRounds = (parts: Parts) => {
  const { bus, complaints, deadHands, durables, inTurn, lifecycle, log, roster, settle, standings } = parts
  const { heartbeatMs = 2_000, healthMs = 10_000 } = parts
  let tending: Promise<void> | undefined
  let asking: Promise<void> | undefined
  let beats = 0

  const beatDue = () => {
    // A bus that is away is silence from everybody, and says nothing about anybody.
    if (!bus.isConnected) return
    beats += 1
    complaints.fade()
    for (const { name, instance } of roster.miss())
      if (lifecycle.end(name, instance.id, 'lost', true)) deadHands.lost(name)
    for (const name of roster.families.keys()) settle(name)
    if (beats > GRACE_BEATS) for (const { name } of standings.all()) settle(name)
    tending ??= durables
      .tend(inTurn)
      .catch((err) => log.warn({ err }, 'the durables could not be looked after'))
      .finally(() => {
        tending = undefined
      })
  }

  const healthDue = () => {
    if (!bus.isConnected) return
    asking ??= askAll().finally(() => {
      asking = undefined
    })
  }

  const askAll = async () => {
    const inside = roster.all().filter(({ place }) => place === 'in')
    await Promise.all(
      inside.flatMap((party) =>
        [...party.instances.values()]
          .filter(({ state }) => state === 'active')
          .map(async (instance) => {
            instance.health = await askHealth(parts, party, instance, HEALTH_WITHIN_MS)
            settle(party.manifest.name, instance.id)
          }),
      ),
    )
  }

  const timers = [setInterval(beatDue, heartbeatMs), setInterval(healthDue, healthMs)]
  return {
    stop() {
      for (const timer of timers) clearInterval(timer)
    },
    async idle() {
      await Promise.all([tending, asking])
    },
  }
}
