import type { StartableModule } from './find-modules.ts'
import type { Keeper } from './keep.ts'
import type { Started } from './running.ts'

/** A module that is kept running, and the way to put another version or configuration of it in its place. */
export interface KeptModule {
  /** What it runs as. */
  readonly module: () => StartableModule
  readonly keeper: Keeper<void>
  /**
   * Starts it as something else beside itself; the old process goes once the new one is of use. Rejects where that does not come about in
   * time, and the old one goes on.
   */
  readonly renew: (next: StartableModule) => Promise<void>
  /** Its process has taken a change of configuration while it runs: whatever starts later has it from the start. */
  readonly adopt: (next: StartableModule) => void
}

export type KeptModules = Map<string, KeptModule>

type Ways = {
  keep: (start: () => Promise<Started<void>>) => Keeper<void>
  spawn: (module: StartableModule) => Promise<Started<void>>
}

export const keepModule = (module: StartableModule, { keep, spawn }: Ways): KeptModule => {
  let inForce = module
  let coming: StartableModule | undefined
  const keeper = keep(async () => {
    const next = coming ?? inForce
    const started = await spawn(next)
    // From then on it is the one that a crash brings back.
    const counts = () => {
      inForce = next
    }
    if (next !== inForce) started.ready.then(counts, () => {})
    return started
  })
  return {
    module: () => inForce,
    keeper,
    adopt: (next) => {
      inForce = next
    },
    renew: async (next) => {
      const before = inForce
      coming = next
      // It asks for the new process before it first waits: whatever is started later is the old one again.
      const renewed = keeper.renew()
      coming = undefined
      try {
        await renewed
        inForce = next
      } catch (error) {
        inForce = before
        throw error
      }
    },
  }
}
