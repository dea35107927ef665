import { join } from 'node:path'
import { conform, type Report } from '../../cli/conform/conform.ts'
import { readManifest } from '../../cli/workshop/read-manifest.ts'

type Wanted = { env?: NodeJS.ProcessEnv; only?: readonly string[] }

/** Plays the kernel to the module in this folder, patiently: other tests may run beside it. */
export const play = async (folder: string, command: string[], { env, only = [] }: Wanted = {}): Promise<Report> => {
  const read = await readManifest(join(folder, 'manifest.json'))
  if (!read || 'why' in read) throw new Error(`the manifest in ${folder} cannot be taken: ${read?.why}`)
  return conform({
    ...{ manifest: read.manifest, command, env: { ...process.env, ...env }, only, timeoutMs: 20_000 },
    ...{ onLine: () => {}, say: () => {}, onResult: () => {} },
  })
}

export const troubles = ({ results }: Report): string[] =>
  results.filter(({ state }) => state === 'failed' || state === 'not-run').map(({ name, seen }) => `${name}: ${seen}`)

export const passed = ({ results }: Report): string[] =>
  results.filter(({ state }) => state === 'passed').map(({ name }) => name)

/** Written past the reporter, which keeps the reasons of skipped tests to itself. */
export const notRun = (what: string, why: string): string => {
  const words = `NOT RUN: ${what} was not tried against conform: ${why}`
  process.stderr.write(`\n${words}\n`)
  return words
}
