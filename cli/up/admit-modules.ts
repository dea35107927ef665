import { runKeysTool } from '../keys-tool.ts'
import type { Run } from './run.ts'
import type { Bus } from './start-bus.ts'

/** Keys, credentials and a place on the bus for modules that come while everything runs. */
export const admitModules = async ({ options }: Run, bus: Bus, names: readonly string[]): Promise<void> => {
  if (bus.isReduced || names.length === 0) return
  const { site, credsOf } = bus.prepared
  await runKeysTool([
    'admit',
    ...['--keys', options.keys, '--site', site, '--url', bus.url],
    ...names.flatMap((name) => ['--module', `${name}=${credsOf(name)}`]),
  ])
}
