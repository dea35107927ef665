import { setTimeout as wait } from 'node:timers/promises'
import type { ModuleView } from '@recyclique/contracts'
import { apiAt } from '../api.ts'
import type { StartableModule } from './find-modules.ts'

type Watched = { kernelUrl: string; module: StartableModule; words: (source: string) => string[] }

const LOOK_MS = 300

/**
 * Makes a change, and where it fails says why in the kernel's words: what it has against this version is known only while the version's
 * process is there. Else in the process's own last words.
 */
export const whileWatched = async (
  { kernelUrl, module, words }: Watched,
  change: () => Promise<void>,
): Promise<void> => {
  const over = new AbortController()
  const reasons = lastReasons(kernelUrl, module, over.signal)
  try {
    await change()
  } catch (error) {
    over.abort()
    const why = (await reasons)[0] ?? errorIn(words(module.name))
    const how = (error as Error).message
    throw new Error(why === undefined ? how : `${how}. ${why}`, { cause: error })
  } finally {
    over.abort()
  }
}

const lastReasons = async (url: string, { name, manifest }: StartableModule, over: AbortSignal): Promise<string[]> => {
  const mark = `${manifest.version}: `
  let last: string[] = []
  while (!over.aborted) {
    const view = await apiAt(url)
      .get<ModuleView>(`/v1/modules/${name}`)
      .catch(() => undefined)
    const now = view?.reasons.filter((reason) => reason.startsWith(mark)).map((reason) => reason.slice(mark.length))
    if (now && now.length > 0)
      last = now
        .filter((reason) => !reason.startsWith('It takes over'))
        .concat(last)
        .slice(0, 1)
    await wait(LOOK_MS, undefined, { signal: over }).catch(() => {})
  }
  return last
}

/** The line of an uncaught error, which stands somewhere above its stack. */
const errorIn = (lines: readonly string[]): string | undefined =>
  lines.findLast((line) => /^(?:Uncaught )?\w*Error(?: \[\w+\])?: /.test(line))
