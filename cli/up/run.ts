import { type Crew, makeCrew } from '../workshop/crew.ts'
import { hasLapsed, historyIn, pastOf, quarantinesIn, recordTo } from './crashes.ts'
import { type Keeper, keep } from './keep.ts'
import { type Leash, startLeash } from './leash.ts'
import { takeLock } from './lock.ts'
import type { UpOptions } from './options.ts'
import { hearReleases } from './release.ts'
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
  keep: <T>(name: string, start: () => Promise<Started<T>>, how?: { isReleasable?: boolean }) => Keeper<T>
  /** Settles when somebody has ended, where nobody is started again (`--no-supervise`). */
  partEnded: Promise<void>
  /** Something that starts others: it is told to leave that before anybody is stopped. */
  closeFirst: (what: { close: () => Promise<void> }) => void
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
  const keepers = new Map<string, Keeper<unknown>>()
  const partEnded = Promise.withResolvers<void>()
  const isOnlyWatched = !options.isSupervised
  const lift = (name: string, lifted: string) => record({ name, at: new Date().toISOString(), lifted })
  const quarantineOf = (name: string) => quarantinesIn(historyIn(files.crashes)).find((one) => one.name === name)
  const releases = hearReleases(files.release, (name) => {
    const keeper = keepers.get(name)
    if (keeper) keeper.release()
    else if (quarantineOf(name)) lift(name, 'released')
  })
  let isClosing = false
  const first: { close: () => Promise<void> }[] = []
  return {
    options,
    screen,
    leash,
    crew,
    partEnded: partEnded.promise,
    keep: (name, start, { isReleasable = false } = {}) => {
      if (isClosing) throw new Error(`${name} is not started: everything is being stopped`)
      const found = isOnlyWatched ? undefined : quarantineOf(name)
      const isLate = found && hasLapsed(found, Date.now())
      if (isLate) lift(name, 'started again later')
      const past = pastOf(historyIn(files.crashes), name, Date.now())
      const quarantine = isLate ? undefined : found
      const ways = { isReleasable, isOnlyWatched, past, quarantine }
      const keeper = crew.add(name, keep({ name, start, record, say: screen.say, ...ways }))
      keepers.set(name, keeper)
      if (isOnlyWatched) void keeper.givenUp.then(partEnded.resolve)
      return keeper
    },
    closeFirst: (what) => void first.push(what),
    close: async () => {
      isClosing = true
      releases.close()
      const closing = first.map((one) => one.close())
      await crew.stopAll()
      await Promise.all(closing)
      await leash.drop()
      await lock.release()
    },
    kill: () => {
      isClosing = true
      leash.kill()
    },
  }
}
