import { developing } from '../dev/developing.ts'
import { linkFolders, withLinked } from '../dev/linked.ts'
import { programVersion } from '../version.ts'
import { findModules } from './find-modules.ts'
import { checkPort } from './free-port.ts'
import { hearStop } from './hear-stop.ts'
import type { Keeper } from './keep.ts'
import { offerDemo } from './offer-demo.ts'
import { isOpenToOthers, type UpOptions } from './options.ts'
import { openRun, type Run } from './run.ts'
import type { Screen } from './screen.ts'
import { startBus } from './start-bus.ts'
import { startKernel } from './start-kernel.ts'
import { startModules } from './start-modules.ts'
import { renderTree } from './tree.ts'

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
  const found = await findModules({ ...options.modules, say: (line) => screen.say(line, 'warn') })
  const modules = withLinked(found, linked)
  const bus = await startBus(run, modules)
  const kernel = await startKernel(run, bus)
  const dev = developing(run, linked)
  const rows = await startModules(run, { modules, bus, kernelUrl: kernel.ready.url, ...dev.watched })
  const label = `Recyclique ${programVersion()}`
  const below = [bus.row, kernel.row, { label: 'modules', below: rows, ...(rows.length === 0 ? { note: 'none' } : {}) }]
  screen.print(`\n${renderTree({ label, ms: performance.now() - began, below })}\n`)
  if (isOpenToOthers(options)) screen.print(openWarning(options.host))
  screen.print('Ctrl-C stops everything.\n')
  screen.open()
  dev.begin()
  await offerDemo(kernel.ready.url, options.demo, screen)
  return kernel.keeper
}

const openWarning = (host: string): string =>
  [
    `!! Listening on ${host} without sign-in (--insecure-no-login):`,
    '!! whoever reaches this machine can sell, refund and read everything. Only on a closed network.',
  ].join('\n')
