import { apiAt } from '../api.ts'
import { developing } from '../dev/developing.ts'
import { linkFolders, withLinked } from '../dev/linked.ts'
import { programVersion } from '../version.ts'
import { handOver, isTrouble, wordsOnOutcome } from '../wanted.ts'
import { followWishes } from './follow-wishes.ts'
import { checkPort } from './free-port.ts'
import { hearStop } from './hear-stop.ts'
import { holdModules } from './hold.ts'
import type { Keeper } from './keep.ts'
import type { KeptModules } from './kept-module.ts'
import { notesOn, withNotes } from './notes.ts'
import { offerDemo } from './offer-demo.ts'
import { isOpenToOthers, type UpOptions } from './options.ts'
import { openRun, type Run } from './run.ts'
import type { Screen } from './screen.ts'
import { setUpCentre } from './set-up-centre.ts'
import { startBus } from './start-bus.ts'
import { startKernel } from './start-kernel.ts'
import { startModules } from './start-modules.ts'
import { renderTree } from './tree.ts'
import { readWishes } from './wishes.ts'

/**
 * Starts everything, keeps it running, and stops it when asked. Resolves with the exit code once nothing is left: 0 when it was
 * asked, 1 when the kernel crashed too often, or when a part ended and nobody is to be started again. Throws where the start fails, and leaves nothing behind then either.
 */
export const up = async (options: UpOptions, screen: Screen): Promise<number> => {
  const run = await openRun(options, screen)
  const asked = hearStop(() => {
    run.kill()
    process.exit(130)
  }).then(() => {
    screen.open()
    screen.say('stopping')
    return 0
  })
  try {
    const given = start(run).then((kernel) => kernel.givenUp)
    return await Promise.race([asked, given.then(() => giveUp(screen)), run.partEnded.then(() => 1)])
  } finally {
    await run.close()
    screen.say('everything has stopped')
  }
}

const giveUp = (screen: Screen): number => {
  screen.say('nothing can be sold without the kernel: stopping', 'error')
  return 1
}

/** The start, in the order in which one needs the other: the bus, the kernel, the modules. */
const start = async (run: Run): Promise<Keeper<unknown>> => {
  const { options, screen } = run
  const began = performance.now()
  await checkPort(options.host, options.port)
  const linked = await linkFolders(options.dev?.folders ?? [])
  const wishes = await readWishes(options, screen, (found) => withLinked(found, linked))
  const { modules, config, wanted } = await wishes.look()
  const bus = await startBus(atSite(run, config?.site?.id), modules)
  const kernel = await startKernel(run, bus)
  const kernelUrl = kernel.ready.url
  const setUp = await setUpCentre(apiAt(kernelUrl), bus.prepared.site, config)
  // Before they come: who is new is given its rank by the list, not by who starts faster.
  const taken = await handOver(apiAt(kernelUrl), wanted)
  const dev = developing(run, linked)
  const kept: KeptModules = new Map()
  const hold = holdModules({ run, bus, kernelUrl })
  const started = await startModules(run, { modules, bus, kernelUrl, hold, kept, ...dev.watched })
  const rows = withNotes(started, await notesOn(kernelUrl))
  const label = `Recyclique ${programVersion()}`
  const below = [bus.row, kernel.row, { label: 'modules', below: rows, ...(rows.length === 0 ? { note: 'none' } : {}) }]
  screen.print(`\n${renderTree({ label, ms: performance.now() - began, below })}\n`)
  if (isOpenToOthers(options)) screen.print(openWarning(options.host))
  screen.print('Ctrl-C stops everything.\n')
  screen.open()
  for (const done of setUp) screen.say(done)
  for (const one of taken.filter(isTrouble)) for (const words of wordsOnOutcome(one)) screen.say(words, 'warn')
  dev.begin()
  await followWishes({ run, bus, kernelUrl, hold, kept, wishes })
  await offerDemo(kernelUrl, options.demo, screen)
  return kernel.keeper
}

/** The command line and the environment say which centre this is; else the configuration does. */
const atSite = (run: Run, site: string | undefined): Run => ({
  ...run,
  options: { ...run.options, site: run.options.site ?? site },
})

const openWarning = (host: string): string =>
  [
    `!! Listening on ${host} without sign-in (--insecure-no-login):`,
    '!! whoever reaches this machine can sell, refund and read everything. Only on a closed network.',
  ].join('\n')
