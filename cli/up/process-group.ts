import { readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'

const LOOK_MS = 20
const isWindows = process.platform === 'win32'

/** Sends a signal to a process and all that it started; one that is gone is no error. Windows knows no groups: there it is the process alone. */
export const signalGroup = (pid: number, signal: NodeJS.Signals): void => signalQuietly(isWindows ? pid : -pid, signal)

/** Asks a group's leader to stop, waits, and ends what is left of the group. */
export const endGroup = async (pid: number, patienceMs: number): Promise<void> => {
  signalQuietly(pid, 'SIGTERM')
  const until = Date.now() + patienceMs
  while (isAlive(pid) && Date.now() < until) await wait(LOOK_MS)
  signalGroup(pid, 'SIGKILL')
}

/** True while the process runs. One that has ended and that nobody has collected yet (a zombie) does not run. */
export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  return statOf(pid)?.[0] !== 'Z'
}

/** When the process began, as a mark that a later process with the same number does not bear. Undefined where the system does not say. */
export const birthOf = (pid: number): string | undefined => statOf(pid)?.[19]

/** Linux only: what /proc says behind the name, which may itself contain spaces and brackets. */
const statOf = (pid: number): string[] | undefined => {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')
  } catch {
    return undefined
  }
}

const signalQuietly = (target: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(target, signal)
  } catch {
    // It is gone already.
  }
}
