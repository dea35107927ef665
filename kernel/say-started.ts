import { type ArgsOf, OnKernelStarted } from '@recyclique/contracts'
import type { Logger } from 'pino'
import type { Hooks } from './hooks/hooks.ts'

/**
 * Says to every module that the kernel is up: now to those who are there, later to each process that comes. Their words go to the log.
 * The start does not wait for it, and an error of it stops nothing.
 */
export const sayStarted = (
  hooks: Pick<Hooks, 'askEver'>,
  started: ArgsOf<typeof OnKernelStarted>,
  log: Pick<Logger, 'info' | 'warn'>,
): void => {
  const hear = (words: unknown) => log.info({ hook: OnKernelStarted.name }, String(words))
  hooks
    .askEver(OnKernelStarted, started, { hear })
    .catch((err: unknown) => log.warn({ err }, 'not every module heard that the kernel is up'))
}
