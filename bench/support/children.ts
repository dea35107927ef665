import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { KERNEL_ENV, KERNEL_FLAGS } from './as-up-does.ts'

/** Starts a file of this folder as a process with a channel, as lean as `recyclique up` starts its own. It ends when the channel does. */
export const startChild = (file: string, env: Record<string, string>): ChildProcess =>
  fork(new URL(file, import.meta.url), {
    execArgv: KERNEL_FLAGS,
    env: { ...process.env, ...KERNEL_ENV, ...env },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })

/** Resolves with the first thing that it says and that is looked for; rejects when it ends before. */
export const nextWord = <T>(child: ChildProcess, isIt: (said: T) => boolean = () => true): Promise<T> =>
  new Promise((resolve, reject) => {
    const hear = (said: unknown) => {
      if (!isIt(said as T)) return
      leave()
      resolve(said as T)
    }
    const end = (code: number | null, signal: string | null) => {
      leave()
      reject(new Error(`a process ended with ${signal ?? code} before it said what was waited for`))
    }
    const leave = () => child.off('message', hear).off('exit', end)
    child.on('message', hear).on('exit', end)
  })

/** Ends them, and waits until they are gone. */
export const endAll = async (children: readonly ChildProcess[]): Promise<void> => {
  const living = children.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)
  await Promise.all(
    living.map((child) => {
      const gone = once(child, 'exit')
      child.kill('SIGTERM')
      return gone
    }),
  )
}

/** For such a process itself: it ends with whoever started it, even where that one was gone before this was said. */
export const endWithParent = (): void => {
  process.on('disconnect', () => process.exit(0))
  if (!process.connected) process.exit(0)
}
