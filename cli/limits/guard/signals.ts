import { lock } from './lock.ts'
import type { Refuse } from './refusals.ts'

/** A process may end itself, and nobody else: all of them run as one user. `_debugProcess` would open a debugger in another one. */
export const guardSignals = (refuse: Refuse): void => {
  const self = process.pid
  for (const name of ['kill', '_kill', '_debugProcess']) {
    const original: unknown = Reflect.get(process, name)
    if (typeof original !== 'function') continue
    lock(process, name, (pid: number, ...rest: unknown[]): unknown => {
      if (pid === self) return Reflect.apply(original, process, [pid, ...rest])
      throw refuse({ may: `send a signal to process ${pid}` })
    })
  }
}
