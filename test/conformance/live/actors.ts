import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { onTestFinished } from 'vitest'
import { type Child, moduleEnv, startChild } from '../../modules/child.ts'
import { collector } from '../../modules/collector.ts'
import type { TestServer } from '../../support/nats.ts'
import type { Cue, Did, Part } from './part.ts'

/** A module's own process. */
export interface Actor {
  readonly pid: number
  /** What it did, in order. */
  readonly did: ReturnType<typeof collector<Did>>
  /** From now on it does this; resolves when it knows. */
  cue(cue: Cue): Promise<void>
  /** As a power cut: resolves when nothing of it runs any more. */
  kill9(): Promise<void>
  /** SIGTERM; its exit code. */
  stop(): Promise<number | NodeJS.Signals | null>
  readonly ended: Child['ended']
  /** All that it wrote. */
  wrote(): string
}

export type StartActor = (...parts: readonly Part[]) => Promise<Actor>

/** Starts a process for these parts, and does not wait until they are at work. It is gone when the test is over. */
export const openActors = (server: TestServer): StartActor => {
  const envs = new Map<string, ReturnType<typeof moduleEnv>>()
  const envFor = ({ manifest: { name } }: Part) => {
    const env = envs.get(name) ?? moduleEnv(server, name, '')
    envs.set(name, env)
    return env
  }
  return async (...parts) => {
    const [env] = await Promise.all(parts.map(envFor))
    return follow(
      startChild('test/conformance/live/actor.ts', {
        ...env,
        RECYCLIQUE_INSTANCE: parts[0]?.instance ?? '',
        PARTS: JSON.stringify(parts),
        CREDS_FOLDER: server.folder,
        LOG_LEVEL: 'warn',
        // Halves the start: dozens of processes read the same sources.
        NODE_COMPILE_CACHE: join(tmpdir(), 'recyclique-compile-cache'),
      }),
    )
  }
}

const follow = (child: Child): Actor => {
  const did = collector<Did>()
  createInterface({ input: child.process.stdout as Readable }).on('line', (line) => {
    if (line.startsWith('{"did"')) did.add(JSON.parse(line))
  })
  const end = (signal: NodeJS.Signals) => {
    child.process.kill(signal)
    return child.ended
  }
  const kill9 = async () => {
    await end('SIGKILL')
  }
  onTestFinished(kill9)
  return {
    pid: child.process.pid ?? 0,
    ...{ did, kill9, ended: child.ended },
    async cue(cue) {
      const from = child.lines.got.length
      child.process.stdin?.write(`${JSON.stringify(cue)}\n`)
      await child.lines.first((line) => line.startsWith('{"heard"'), from)
    },
    stop: () => end('SIGTERM'),
    wrote: () => [...child.lines.got, child.complaints()].join('\n'),
  }
}
