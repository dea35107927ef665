import type { Module } from './define-module.ts'
import { unlessAborted } from './pause.ts'

/**
 * The same module, whose handlers begin when it is known what is set for it: the first question may come a moment before the kernel's
 * answer to the announce.
 */
export const whenConfigured = (module: Module, stop: AbortSignal): Module => {
  const { config } = module
  if (!config) return module
  const after =
    <A extends unknown[], R>(handle: (...args: A) => R) =>
    async (...args: A): Promise<Awaited<R>> => {
      await unlessAborted(config.told, stop)
      return await handle(...args)
    }
  return {
    ...module,
    answered: module.answered.map((one) => ({ ...one, run: after(one.run) })),
    routes: module.routes.map((one) => ({ ...one, handle: after(one.handle) })),
    errands: module.errands.map((one) => ({ ...one, run: after(one.run) })),
  }
}
