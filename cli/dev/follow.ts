import { isDeepStrictEqual } from 'node:util'
import { isFinal, type Keeper } from '../up/keep.ts'
import { EndedEarly, within } from '../up/running.ts'
import { checkModule } from '../workshop/check-module.ts'
import type { Crew } from '../workshop/crew.ts'
import type { StartableModule } from '../workshop/manifests.ts'
import { reloadOnChange } from '../workshop/reload.ts'
import type { WatchRoom } from '../workshop/watch.ts'
import { moduleIn } from './linked.ts'
import { troubleIn } from './trouble.ts'

/** A module's process that is kept, and the way to keep one of another manifest. */
export interface KeptModule {
  readonly module: StartableModule
  readonly keeper: Keeper<void>
  readonly again: (module: StartableModule) => Keeper<void>
}

type Follow = { room: WatchRoom; crew: Crew; say: (line: string, level?: 'error') => void }

/** As long as a new process may take to come. */
const COMES_WITHIN_MS = 15_000

/**
 * Starts a module anew whenever its folder changes. Where only code changed the new process comes beside the old one, which goes once the
 * new one is of use. A kernel takes no second manifest of one version beside the first: where that changed, the old one goes before.
 */
export const follow = ({ room, crew, say }: Follow, kept: KeptModule): void => {
  let { module, keeper } = kept
  let isDown = false
  const { name, folder } = module

  const renew = async (): Promise<void> => {
    const flaws = await checkModule(folder)
    const now = flaws.length === 0 ? await moduleIn(folder) : undefined
    if (!now) throw new Error(`is not as it must be: ${flaws.join('; ')}`)
    if (isDown) return begin({ ...module, ...now })
    if (isDeepStrictEqual(now.manifest, module.manifest)) return keeper.renew(COMES_WITHIN_MS)
    say(`${name} has another manifest: the old one ends first`)
    await rest()
    await begin({ ...module, ...now })
  }

  /** Until the next change: what does not start now will not start by trying again. */
  const rest = async (): Promise<void> => {
    isDown = true
    await crew.stop(name)
  }

  const begin = async (next: StartableModule): Promise<void> => {
    module = next
    keeper = kept.again(module)
    try {
      await within(keeper.first, COMES_WITHIN_MS)
      isDown = false
    } catch (error) {
      await rest()
      throw error
    }
  }

  const fails = (error: Error): never => {
    throw new Error(explained(error, folder), { cause: error })
  }
  const remains = () => (isDown ? `${MEND}.` : 'The old one goes on.')
  reloadOnChange(room, { name, folder, say, remains, renew: () => renew().catch(fails) })
  keeper.first.catch(async (error: Error) => {
    await rest()
    say(`${name} does not run: it ${explained(error, folder)}. ${MEND}.`, 'error')
  })
}

const MEND = 'Mend it, and it is started anew'

/** The place in the code where there is one: that is where its author looks next. */
const explained = (error: Error, folder: string): string => {
  if (!(error instanceof EndedEarly)) return error.message
  if (isFinal(error.code)) return `says: ${error.message}`
  const where = troubleIn(error.words, folder)
  return where === undefined ? error.message : `fails at ${where}`
}
