import { run } from './run.ts'

/** Below this, JetStream was seen to lose a stream when a server dies (2.10.20 to 2.10.22), or lacks what we use. */
export const FLOOR = '2.10.23'

/** The minors on which our tests have run. Another one is used, with a warning. */
export const TESTED_MINORS = ['2.10', '2.11', '2.15']

/** What `nats-server --version` says, as `2.15.1`; undefined where the file is not there, does not run here or is something else. */
export const askVersion = async (path: string, env: NodeJS.ProcessEnv): Promise<string | undefined> => {
  const { code, stdout } = await run(path, ['--version'], { env, timeoutMs: 10_000 })
  if (code !== 0) return undefined
  return /nats-server: v(\d+\.\d+\.\d+)/.exec(stdout)?.[1]
}

/** Negative, zero or positive, as a sort wants it. */
export const compareVersions = (left: string, right: string): number => {
  const [a, b] = [left.split('.').map(Number), right.split('.').map(Number)]
  return a.map((part, at) => part - (b[at] ?? 0)).find((difference) => difference !== 0) ?? 0
}

export const isUnderFloor = (version: string): boolean => compareVersions(version, FLOOR) < 0

export const isTested = (version: string): boolean => TESTED_MINORS.some((minor) => version.startsWith(`${minor}.`))
