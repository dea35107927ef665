import { join } from 'node:path'
import { EXECUTABLE, keepServer, type Server, withWorkFolder } from './cache.ts'
import { lastLines, run } from './run.ts'
import { askVersion } from './version.ts'

/** An older minor than the newest on purpose: the Go of a stable distribution can still build it, and it is one that we test. */
export const GO_PACKAGE = 'github.com/nats-io/nats-server/v2@v2.11.17'

type Go = { env: NodeJS.ProcessEnv; cacheDir: string; say: (line: string) => void }

/** Builds the pinned server where Go is; Go checks the source against its checksum database. Undefined where that does not work. */
export const buildWithGo = async ({ env, cacheDir, say }: Go): Promise<Server | undefined> => {
  const go = await run('go', ['version'], { env })
  if (go.code !== 0) return undefined
  say(`building ${GO_PACKAGE} with ${go.stdout.trim()}: this takes a minute or two`)
  return withWorkFolder(cacheDir, async (folder) => {
    const built = await run('go', ['install', GO_PACKAGE], { env: { ...env, GOBIN: folder }, timeoutMs: 900_000 })
    const path = join(folder, EXECUTABLE)
    const version = built.code === 0 ? await askVersion(path, env) : undefined
    if (version) return keepServer(cacheDir, folder, { path, version })
    say(`it did not work: ${lastLines(built.stderr)}`)
    return undefined
  })
}
