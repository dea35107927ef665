import { findNatsServer } from '../nats-server.ts'
import { type FoundModule, isStartable } from './find-modules.ts'
import { lookAtServer } from './foreign-server.ts'
import { type Prepared, prepareKeys } from './prepare-keys.ts'
import type { Run } from './run.ts'
import { startServer } from './start-server.ts'
import type { Row } from './tree.ts'

export type Bus = { url: string; isReduced: boolean; prepared: Prepared; row: Row }

/** Our own server with our keys, or the one that NATS_URL names. */
export const startBus = async (run: Run, modules: readonly FoundModule[]): Promise<Bus> => {
  const { options, screen, leash } = run
  const names = modules.filter(isStartable).map(({ name }) => name)
  if (options.natsUrl !== undefined) return foreignBus(options.natsUrl, await prepareKeys(options, names))
  const [found, prepared] = await Promise.all([
    findNatsServer({ env: process.env, say: (line) => screen.print(line) }),
    prepareKeys(options, names),
  ])
  const began = performance.now()
  const { configFile } = prepared
  const onLine = (line: string) => screen.hear('nats-server', line)
  const keeper = run.keep('nats-server', () => startServer({ path: found.path, configFile, leash, onLine }))
  const url = await keeper.first
  const label = `nats-server ${found.version} (${found.origin})`
  return { url, isReduced: false, prepared, row: { label, ms: performance.now() - began, note: url } }
}

const foreignBus = async (url: string, prepared: Prepared): Promise<Bus> => {
  const began = performance.now()
  const looks = await lookAtServer(url)
  const isReduced = looks === 'open' || process.env.RECYCLIQUE_REDUCED === '1'
  const why = isReduced
    ? '  reduced mode: it has none of our keys, so modules are not kept apart and a death is learnt late'
    : looks === 'silent'
      ? '  nobody answers there yet: the till sells, the modules wait'
      : ''
  // The address may carry a password.
  const shown = url.replace(/\/\/[^/@\s]+@/, '//')
  const row = { label: 'nats-server (NATS_URL)', ms: performance.now() - began, note: `${shown}${why}` }
  return { url, isReduced, prepared, row }
}
