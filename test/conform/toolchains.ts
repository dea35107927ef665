import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { cacheFolder } from '../../cli/nats-server.ts'

const CACHE = join(cacheFolder(process.env), 'examples')

/** The path of what runs a program of another language, or why there is none here. */
export type Ready = { path: string } | { missing: string }

/** A Python with the libraries that are named, made once for each list of them. */
export const pythonWith = async (requirements: string): Promise<Ready> => {
  const version = await run('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 11))'])
  if (version.code !== 0) return { missing: 'there is no Python 3.11 or later here (python3)' }
  const made = await cached('python', await readFile(requirements, 'utf8'), async (folder) => {
    await mustRun('python3', ['-m', 'venv', folder])
    await mustRun(join(folder, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', '--requirement', requirements])
  })
  return 'missing' in made ? made : { path: join(made.path, 'bin', 'python') }
}

/** The libraries may be missing where there is no registry; a program that does not compile is a fault, and no reason to skip. */
export const goProgram = async (folder: string): Promise<Ready> => {
  if ((await run('go', ['version'])).code !== 0) return { missing: 'there is no Go here' }
  const fetched = await run('go', ['mod', 'download'], folder)
  if (fetched.code !== 0) return { missing: `its libraries could not be fetched: ${lastLine(fetched.text)}` }
  await mkdir(CACHE, { recursive: true })
  const name = basename(folder)
  const path = join(CACHE, `${name}-${process.pid}`)
  const built = await run('go', ['build', '-o', path, '.'], folder)
  if (built.code !== 0) throw new Error(`${name} does not compile:\n${built.text}`)
  return { path }
}

/** Of those tests that want the same at once the first makes it. */
const made = new Map<string, Promise<Ready>>()
const cached = (kind: string, key: string, make: (folder: string) => Promise<void>): Promise<Ready> => {
  const ready = made.get(key) ?? makeOnce(kind, key, make)
  made.set(key, ready)
  return ready
}

/** A folder that is made once, and then there: a venv bears its own place in it, so it is made where it stays. */
const makeOnce = async (kind: string, key: string, make: (folder: string) => Promise<void>): Promise<Ready> => {
  const path = join(CACHE, `${kind}-${createHash('sha256').update(key).digest('hex').slice(0, 16)}`)
  const done = join(path, 'is-complete')
  if (existsSync(done)) return { path }
  await rm(path, { recursive: true, force: true })
  try {
    await make(path)
    await writeFile(`${done}.new`, key)
    await rename(`${done}.new`, done)
    return { path }
  } catch (error) {
    await rm(path, { recursive: true, force: true })
    return { missing: `its libraries could not be installed: ${(error as Error).message}` }
  }
}

const mustRun = async (program: string, args: string[]): Promise<void> => {
  const { code, text } = await run(program, args)
  if (code !== 0) throw new Error(lastLine(text))
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? ''

const run = (program: string, args: string[], cwd?: string): Promise<{ code: number | null; text: string }> =>
  new Promise((settle) => {
    const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
    let text = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (part: Buffer) => {
        text += part.toString()
      })
    child.once('error', (error) => settle({ code: null, text: error.message }))
    child.once('close', (code) => settle({ code, text }))
  })
