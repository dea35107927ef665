import { apiAt } from '../api.ts'
import { runKeysTool } from '../keys-tool.ts'
import type { Run } from './run.ts'
import type { Bus } from './start-bus.ts'

type Admit = { bus: Bus; kernelUrl: string; names: readonly string[] }

/** Keys, credentials and a place on the bus for modules that come while everything runs. */
export const admitModules = async ({ options }: Run, { bus, kernelUrl, names }: Admit): Promise<void> => {
  if (bus.isReduced || names.length === 0) return
  const { site, credsOf } = bus.prepared
  const files = names.flatMap((name) => ['--module', `${name}=${credsOf(name)}`])
  await runKeysTool(['init', '--keys', options.keys, '--site', site, ...files])
  for (const name of names) await apiAt(kernelUrl).put(`/v1/modules/${name}/account`, {})
}
