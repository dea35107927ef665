import { isDeepStrictEqual } from 'node:util'
import type { ModuleView, WantedOutcome } from '@recyclique/contracts'
import { apiAt } from '../api.ts'
import { isTrouble, wordsOnOutcome } from '../wanted.ts'
import { gt } from '../workshop/ranges.ts'
import { admitModules } from './admit-modules.ts'
import { type FoundModule, isStartable, type StartableModule } from './find-modules.ts'
import type { Hold } from './hold.ts'
import type { KeptModule, KeptModules } from './kept-module.ts'
import { notesOn } from './notes.ts'
import type { Run } from './run.ts'
import { within } from './running.ts'
import type { Bus } from './start-bus.ts'
import { startModules } from './start-modules.ts'
import { whileWatched } from './why-not.ts'

type Follower = { run: Run; bus: Bus; kernelUrl: string; hold: Hold; kept: KeptModules }

/** A process that is not of use by then will hardly ever be. */
const READY_MS = 15_000

const SERVES: ReadonlySet<ModuleView['state']> = new Set(['active', 'degraded', 'replaying'])

/** What is wanted now, as it was looked up. */
export type Wanted = { modules: readonly FoundModule[] }

/** Brings what runs up to what is wanted: who is no longer wanted is stopped, who is new is started, nobody else is touched. */
export const makeFollower = (parts: Follower) => {
  const { run, kept } = parts
  const { screen, crew } = run

  /** Finishes what it has in hand, and is no longer there. */
  const dismiss = async (name: string): Promise<void> => {
    kept.delete(name)
    await crew.stop(name)
  }

  const startNew = async (modules: readonly StartableModule[]): Promise<void> => {
    if (modules.length === 0) return
    await admitModules(run, { ...parts, names: modules.map(({ name }) => name) })
    for (const { label, note } of await startModules(run, { ...parts, modules }))
      screen.say(
        note?.startsWith('not') ? `${label}: ${note}` : `${label} is started`,
        note?.startsWith('not') ? 'warn' : 'info',
      )
    const notes = await notesOn(parts.kernelUrl)
    for (const { name } of modules) for (const note of notes.get(name) ?? []) screen.say(`${name}: ${note}`, 'warn')
  }

  /** Stopped first: an older version may not stand beside a newer one. Where the other one does not come, this one is brought back. */
  const replace = async (running: KeptModule, next: StartableModule): Promise<void> => {
    const before = running.module()
    await dismiss(next.name)
    try {
      await startOne(next)
    } catch (error) {
      await dismiss(next.name)
      await startOne(before).catch((again: Error) =>
        screen.say(`${next.name} is not back: it ${again.message}`, 'error'),
      )
      throw error
    }
  }

  const startOne = async (module: StartableModule): Promise<void> => {
    await startModules(run, { ...parts, modules: [module] })
    const one = kept.get(module.name)
    if (one) await within(one.keeper.first, READY_MS)
  }

  /**
   * Puts another version or configuration in its place. Rejects with why where that does not come about; then the old one serves. Where the
   * old one does not serve (an operator disabled it, it waits for another module, it stays down) there is nothing to wait for.
   */
  const put = async (running: KeptModule, next: StartableModule): Promise<void> => {
    if (!(await isServing(next.name))) {
      await dismiss(next.name)
      return void (await startModules(run, { ...parts, modules: [next], withinMs: 500 }))
    }
    const { folder, manifest } = running.module()
    const isOlder = gt(manifest.version, next.manifest.version)
    const isOther = next.folder !== folder && next.manifest.version === manifest.version
    const change = isOlder || isOther ? () => replace(running, next) : () => running.renew(next)
    await whileWatched({ kernelUrl: parts.kernelUrl, module: next, words: screen.lastWords }, change)
  }

  /** The kernel has it by now, and told its processes: only who takes no changes while it runs is started anew. */
  const change = async (running: KeptModule, next: StartableModule, outcome: WantedOutcome | undefined) => {
    if (outcome?.refused !== undefined) return sayAll(outcome)
    if (isSameProgram(running.module(), next) && isTakenLive(next, outcome)) {
      running.adopt(next)
      return sayAll(outcome)
    }
    await put(running, next).then(
      () => screen.say(`${next.name} ${next.manifest.version} runs as it is wanted now`),
      (error: Error) => screen.say(`${next.name} is not changed: ${error.message}. It goes on as before.`, 'error'),
    )
  }

  const sayAll = (outcome: WantedOutcome | undefined): void => {
    if (!outcome) return
    for (const words of wordsOnOutcome(outcome)) screen.say(words, isTrouble(outcome) ? 'error' : 'info')
  }

  const isServing = async (name: string): Promise<boolean> => {
    const view = await apiAt(parts.kernelUrl)
      .get<ModuleView>(`/v1/modules/${name}`)
      .catch(() => undefined)
    return view === undefined || SERVES.has(view.state)
  }

  return {
    dismiss,
    put,
    /** `outcomes`: what became of the list when the kernel was handed it. */
    follow: async ({ modules }: Wanted, outcomes: readonly WantedOutcome[]): Promise<void> => {
      const wanted = modules.filter(isStartable)
      const names = new Set(wanted.map(({ name }) => name))
      for (const name of [...kept.keys()].filter((one) => !names.has(one))) {
        await dismiss(name)
        screen.say(`${name} is no longer wanted: it has finished what it had in hand, and is stopped`)
      }
      for (const next of wanted) {
        const running = kept.get(next.name)
        const outcome = outcomes.find(({ module }) => module === next.name)
        if (running && !isSame(running.module(), next)) await change(running, next, outcome)
      }
      await startNew(wanted.filter(({ name }) => !kept.has(name)))
    },
  }
}

const isSame = (a: StartableModule, b: StartableModule): boolean =>
  isSameProgram(a, b) && isDeepStrictEqual(a.config, b.config)

/** Apart from what is set for it. */
const isSameProgram = (a: StartableModule, b: StartableModule): boolean =>
  a.folder === b.folder && a.memory === b.memory

/** Without a schema nothing can be told to it while it runs; and some take no changes. */
const isTakenLive = ({ manifest }: StartableModule, outcome: WantedOutcome | undefined): boolean =>
  manifest.config !== undefined && !(outcome?.taken ?? []).some(({ isHeard }) => isHeard === false)
