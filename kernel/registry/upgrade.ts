import { decide } from './decide.ts'
import { askHealth } from './health.ts'
import type { InTurn } from './in-turns.ts'
import { type Lifecycle, wordsOf } from './lifecycle.ts'
import type { Shared, Speaking } from './parts.ts'
import type { Instance, Party } from './party.ts'

interface Parts extends Shared {
  readonly lifecycle: Lifecycle
  readonly inTurn: InTurn
}

/** How long a new version may take to say that it is well, before it takes over. */
const WELL_WITHIN_MS = 5_000

/** A newer version waits while the older one works. */
export const upgrader = (parts: Parts) => {
  const { inTurn, lifecycle, log, settle, standings } = parts

  /** It must say itself that it is well. Whatever keeps it back is tried again at its next announce. */
  return async (speaking: Speaking, { party, instance }: { party: Party; instance: Instance }) => {
    const { speaker } = speaking
    instance.health = await askHealth(parts, party, instance, WELL_WITHIN_MS)
    await inTurn(speaker, async () => {
      const verdict = decide(parts, speaking)
      const rank = standings.of(speaker).rank
      if (!verdict.replaces || rank === undefined || instance.state !== 'standby') return
      if (!instance.health?.ok) {
        party.reasons = [
          ...verdict.reasons,
          `It is not well yet: ${instance.health ? (instance.health.words ?? 'it does not say why') : 'it does not answer when it is asked how it is'}.`,
        ]
        return settle(speaker, instance.id)
      }
      await lifecycle.takeOver(verdict.replaces, party, instance, rank)
    }).catch((error) => {
      party.reasons = wordsOf(error)
      log.warn({ module: speaker, reasons: party.reasons }, 'a newer version could not take over')
      settle(speaker, instance.id)
    })
  }
}
