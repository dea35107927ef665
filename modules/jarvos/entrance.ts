import { setTimeout as sleep } from 'node:timers/promises'
import type { Health } from '@recyclique/contracts'
import type { AtWork } from '@recyclique/sdk'
import type { Door } from './door.ts'

/** So soon it is noticed that a port is free. */
const LOOK_EVERY_MS = 250

/**
 * The door and what keeps it shut. A process that takes the place of another one of its kind finds the port taken until that one has finished: it waits
 * for it, however long, and says so when it is asked how it is.
 */
export const makeEntrance = (open: (log: AtWork['log']) => Promise<Door>) => {
  let door: Door | undefined
  let shut: string | undefined

  const opened = async ({ log, signal }: AtWork): Promise<Door | undefined> => {
    while (!signal.aborted) {
      try {
        return await open(log)
      } catch (error) {
        const { message } = error as Error
        // Said once for each new reason, not at each attempt.
        if (message !== shut) log.warn({ reason: message }, 'assistants cannot come in yet; trying on')
        shut = message
        await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => {})
      }
    }
    return undefined
  }

  return {
    get door() {
      return door
    },
    health: (): Health => (shut === undefined ? { ok: true } : { ok: false, words: shut }),
    /** Resolves when assistants can come in, or when the module is at work no longer. Gives the way to close it. */
    async opens(atWork: AtWork): Promise<() => Promise<void>> {
      const mine = await opened(atWork)
      shut = undefined
      door = mine
      return async () => {
        door = undefined
        await mine?.close()
      }
    },
  }
}

export type Entrance = ReturnType<typeof makeEntrance>
