import { startChild } from './child.ts'
import type { Leash } from './leash.ts'
import { EndedEarly, orEnded, type Started } from './running.ts'

/** What the kernel says once it accepts requests. */
export type KernelReady = { url: string; ms: number; natsState: string; ledgerPosition: number }

/** It needs a quarter of this; told so, V8 tidies up in time instead of growing with the machine. */
export const KERNEL_FLAGS = ['--max-old-space-size=192']

type SpawnKernel = { env: NodeJS.ProcessEnv; leash: Leash; onLine: (line: string) => void }

/** Starts the kernel. `ready` rejects with its own words where it cannot go on. */
export const spawnKernel = ({ env, leash, onLine }: SpawnKernel): Started<KernelReady> => {
  const told = Promise.withResolvers<KernelReady>()
  const onMessage = (message: unknown) => {
    const { ready, failed } = (message ?? {}) as { ready?: KernelReady; failed?: { message: string } }
    if (ready) told.resolve(ready)
    else if (failed) told.reject(new EndedEarly(failed.message))
  }
  const child = startChild({ script: 'kernel/main.ts', env, leash, onLine, onMessage, flags: KERNEL_FLAGS })
  return { ...child, ready: orEnded(told.promise, child.ended) }
}
