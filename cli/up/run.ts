import { type Crew, makeCrew } from '../workshop/crew.ts'
import { recordTo } from './crashes.ts'
import { type Keeper, keep } from './keep.ts'
import { type Leash, startLeash } from './leash.ts'
import { takeLock } from './lock.ts'
import type { UpOptions } from './options.ts'
import { runFiles } from './run-file.ts'
import type { Started } from './running.ts'
import type { Screen } from './screen.ts'

/** One run of everything on a data folder: who was started, and the one way to start somebody. */
export type Run = {
  options: UpOptions
  screen: Screen
  leash: Leash
  /** Who was started. */
  crew: Crew
  /** Starts somebody and keeps them running until the end. */
  keep: <T>(name: string, start: () => Promise<Started<T>>) => Keeper<T>
  /** Stops everybody, the last one first, and leaves nothing behind. */
  close: () => Promise<void>
  /** Ends everybody at once, without a word. */
  kill: () => void
}

/** Takes the data folder and begins a run on it. Throws `Taken` where another one has it. */
export const openRun = async (options: UpOptions, screen: Screen): Promise<Run> => {
  const files = runFiles(options.data)
  const lock = await takeLock(files.lock)
  const leash = startLeash((pid) => void lock.name(pid))
  await lock.name(leash.pid())
  const record = recordTo(files.crashes)
  const crew = makeCrew(screen.say)
  let isClosing = false
  return {
    options,
    screen,
    leash,
    crew,
    keep: (name, start) => {
      if (isClosing) throw new Error(`${name} is not started: everything is being stopped`)
      return crew.add(name, keep({ name, start, record, say: screen.say }))
    },
    close: async () => {
      isClosing = true
      await crew.stopAll()
      await leash.drop()
      await lock.release()
    },
    kill: () => {
      isClosing = true
      leash.kill()
    },
  }
}
