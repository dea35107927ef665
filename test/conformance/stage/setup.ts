import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { findNatsServer, startNatsServer } from '../../../cli/nats-server.ts'
import { startPlayer } from './players.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The server, and the processes that play modules on it. */
    stage: { readonly url: string; readonly players: readonly string[] }
  }
}

const PLAYERS = 6

/** One server and a few processes for all files: each test has a site of its own, so that nobody meets anybody. */
export default async ({ provide }: TestProject) => {
  const folder = await mkdtemp(join(tmpdir(), 'recyclique-stage-'))
  const configFile = join(folder, 'nats.conf')
  await writeFile(configFile, 'host: 127.0.0.1\nport: -1\n')
  const { path } = await findNatsServer({ env: process.env, say: () => {} })
  const server = await startNatsServer({ path, configFile })
  const names = Array.from({ length: PLAYERS }, (_, nth) => `p${nth + 1}`)
  const players = await Promise.all(names.map((name) => startPlayer(server.url, name)))
  provide('stage', { url: server.url, players: names })
  return async () => {
    for (const { child } of players) child.kill('SIGKILL')
    await Promise.all(players.map(({ ended }) => ended))
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
}
