import type { ModuleView } from '@recyclique/contracts'
import { installedHome } from '../installed/home.ts'
import { surveyModules } from '../up/find-modules.ts'
import { addressOf } from '../up/run-file.ts'
import { askKernel } from './ask.ts'
import { bad, type Check, type Found, ok, type Place, warn } from './finding.ts'
import { kernelUrl } from './running.ts'

type Ready = {
  status: string
  reasons: string[]
  site: string
  relay: { state: string; behind: number; reason?: string }
}

/** So many facts go out in a few milliseconds; more means that they do not. */
const BEHIND = 1_000

/** How the kernel says that it is. */
export const kernel: Check = {
  about: 'kernel',
  look: async (place) => {
    const url = await kernelUrl(place)
    if (url === undefined) return [ok('it does not run, so that nobody could ask it how it is')]
    const ready = await askKernel<Ready>(url, '/readyz')
    if (ready?.relay === undefined)
      return [bad(`nobody answers at ${url}`, 'wait a moment and ask again; else stop Recyclique and start it again')]
    const health = await askKernel<{ kernel?: { ok: boolean } }>(url, `${prefixIn(place)}/health`)
    const isWell = health?.kernel?.ok !== false
    const reasons = ready.reasons.map((reason) =>
      isWell ? warn(reason, 'sales go on; see the kernel’s log') : bad(reason, 'see the kernel’s log'),
    )
    const { state, behind } = ready.relay
    const late =
      behind > BEHIND && state === 'telling'
        ? [warn(`${behind} facts have not been told yet`, 'ask again in a minute: the number should fall')]
        : []
    const [first, ...others] = [...reasons, ...late]
    return first ? [first, ...others] : [ok(`it sells at ${url}, site '${ready.site}', and every fact is told`)]
  },
}

const prefixIn = ({ env }: Place): string => env.RECYCLIQUE_CONTROL_PREFIX || '/v1/control'

/** Who is not at work, and why; and the facts that somebody could not take. */
export const activeModules: Check = {
  about: 'modules',
  look: async (place) => {
    const url = await kernelUrl(place)
    if (url === undefined) return []
    const listed = await askKernel<{ items?: ModuleView[] }>(url, '/v1/modules')
    // A kernel that does not answer was named already.
    if (listed?.items === undefined) return []
    const all = await withoutRemoved(place, listed.items)
    const found = all.flatMap((module) => [...standingOf(module), ...deadOf(module)])
    if (found.length > 0) return found
    return [ok(all.length === 0 ? 'none has announced itself' : `at work: ${all.map(({ name }) => name).join(', ')}`)]
  },
}

/**
 * The kernel knows the names of all that ever were there. What neither lies here nor runs was removed, where everything is started here;
 * a kernel elsewhere may have modules that others start.
 */
const withoutRemoved = async ({ data, env }: Place, all: readonly ModuleView[]): Promise<readonly ModuleView[]> => {
  if ((await addressOf(data)) === undefined) return all
  const nothingSaid = { read: async () => undefined }
  const { there } = await surveyModules({ env, home: installedHome(data), isLooking: true, keeper: nothingSaid })
  const isHere = ({ name, instances, blocked, desired }: ModuleView) =>
    there.some((one) => one.name === name) ||
    instances.some(({ state }) => state !== 'gone') ||
    blocked ||
    desired === 'disabled'
  return all.filter(isHere)
}

const standingOf = ({ name, state, desired, blocked, reasons, notes = [], lag }: ModuleView): Found[] => {
  const words = `${name} is ${state}${reasons.length > 0 ? `: ${reasons.join(' ')}` : ''}`
  const remedy = `npx recyclique modules explain ${name}   says all of it, and what to do`
  if (state === 'active')
    return [
      ...((lag ?? 0) > BEHIND
        ? [warn(`${name} has ${lag} facts to hear yet`, 'ask again in a minute: the number should fall')]
        : []),
      ...notes.map((note) => warn(`${name}: ${note}`, 'tell its author, or add what it waits for')),
    ]
  if (desired === 'disabled' || blocked) return [ok(`${words} (an operator wants it so)`)]
  return [state === 'rejected' || state === 'failed' ? bad(words, remedy) : warn(words, remedy)]
}

const deadOf = ({ name, deadLetters }: ModuleView): Found[] =>
  deadLetters === 0
    ? []
    : [
        warn(
          `${name} could not take ${deadLetters} ${deadLetters === 1 ? 'fact' : 'facts'}`,
          `npx recyclique dead list --module ${name}   then show, retry or discard each`,
        ),
      ]
