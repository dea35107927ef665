import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { ROOT } from '../paths.ts'
import { signalGroup } from './process-group.ts'

export type Leash = {
  pid: () => number | undefined
  /** From now on this process group does not outlive us. */
  hold: (pid: number) => void
  /** It has ended: its number may soon be somebody else's. */
  letGo: (pid: number) => void
  /** When everybody has ended: the leash goes too. */
  drop: () => Promise<void>
  /** Kills everybody who is held, now. */
  kill: () => void
}

/** Starts the leash (see `cli/leash.ts`). Whoever kills it gets another one, which is told who is there. */
export const startLeash = (onReplaced: (pid: number | undefined) => void): Leash => {
  const held = new Set<number>()
  let isDropped = false
  let leash: ChildProcess
  const start = () => {
    leash = spawnLeash()
    for (const pid of held) tell(leash, `+${pid}`)
    leash.once('exit', () => {
      if (isDropped) return
      start()
      onReplaced(leash.pid)
    })
  }
  start()
  return {
    pid: () => leash.pid,
    hold: (pid) => {
      held.add(pid)
      tell(leash, `+${pid}`)
    },
    letGo: (pid) => {
      held.delete(pid)
      tell(leash, `-${pid}`)
    },
    drop: async () => {
      isDropped = true
      const ended = new Promise((resolve) => leash.once('exit', resolve))
      leash.stdin?.end()
      await ended
    },
    kill: () => {
      for (const pid of held) signalGroup(pid, 'SIGKILL')
    },
  }
}

const spawnLeash = (): ChildProcess => {
  // A group of its own: a kill of our whole group must leave it standing.
  const leash = spawn(process.execPath, [join(ROOT, 'cli', 'leash.ts')], {
    detached: true,
    stdio: ['pipe', 'ignore', 'inherit'],
    windowsHide: true,
  })
  leash.stdin?.on('error', () => {})
  return leash
}

const tell = (leash: ChildProcess, line: string): void => {
  leash.stdin?.write(`${line}\n`)
}
