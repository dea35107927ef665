import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { conform, type Report } from '../../cli/conform/conform.ts'
import { cacheFolder } from '../../cli/nats-server.ts'
import { readManifest } from '../../cli/workshop/read-manifest.ts'

const EXAMPLES = resolve(import.meta.dirname, '..', '..', 'examples')
const CACHE = join(cacheFolder(process.env), 'examples')
const PATIENCE = { timeout: 300_000 }

test.concurrent('TypeScript without the SDK: sale-notices conforms', PATIENCE, async () => {
  const config = { RECYCLIQUE_MODULE_CONFIG: '{"fromCents":200}' }
  const report = await play('sale-notices', [process.execPath, join(EXAMPLES, 'sale-notices', 'main.ts')], config)
  expect(troubles(report)).toEqual([])
  expect(passed(report)).toEqual(
    expect.arrayContaining(['wrappers', 'wrappers-error', 'facts', 'tells', 'tells-again']),
  )
})

test.concurrent('Python with nats-py: price-memory conforms', PATIENCE, async ({ skip }) => {
  const python = await pythonWith(join(EXAMPLES, 'price-memory', 'requirements.txt'))
  if ('missing' in python) return skip(notRun('price-memory', python.missing))
  const report = await play('price-memory', [python.path, join(EXAMPLES, 'price-memory', 'main.py')])
  expect(troubles(report)).toEqual([])
  expect(passed(report)).toEqual(expect.arrayContaining(['questions', 'facts', 'facts-again', 'facts-kept', 'routes']))
})

test.concurrent('Go with nats.go: weight-guard conforms', PATIENCE, async ({ skip }) => {
  const program = await goProgram(join(EXAMPLES, 'weight-guard'))
  if ('missing' in program) return skip(notRun('weight-guard', program.missing))
  const report = await play('weight-guard', [program.path])
  expect(troubles(report)).toEqual([])
  expect(passed(report)).toEqual(expect.arrayContaining(['questions', 'facts', 'facts-again', 'facts-kept', 'routes']))
})

test.concurrent('TypeScript with the SDK: live-figures conforms', PATIENCE, async () => {
  const folder = resolve(EXAMPLES, '..', 'modules', 'live-figures')
  const report = await play(folder, [process.execPath, join(folder, 'main.ts')])
  expect(troubles(report)).toEqual([])
})

const play = async (name: string, command: string[], env: NodeJS.ProcessEnv = {}): Promise<Report> => {
  const read = await readManifest(join(resolve(EXAMPLES, name), 'manifest.json'))
  if (!read || 'why' in read) throw new Error(`the manifest of ${name} cannot be taken: ${read?.why}`)
  return conform({
    ...{ manifest: read.manifest, command, env: { ...process.env, ...env }, only: [], timeoutMs: 20_000 },
    ...{ onLine: () => {}, say: () => {}, onResult: () => {} },
  })
}

const troubles = ({ results }: Report) =>
  results.filter(({ state }) => state === 'failed' || state === 'not-run').map(({ name, seen }) => `${name}: ${seen}`)
const passed = ({ results }: Report) => results.filter(({ state }) => state === 'passed').map(({ name }) => name)

/** Written past the reporter, which keeps the reasons of skipped tests to itself. */
const notRun = (name: string, why: string): string => {
  const words = `NOT RUN: examples/${name} was not tried against conform: ${why}`
  process.stderr.write(`\n${words}\n`)
  return words
}

type Ready = { path: string } | { missing: string }

/** A Python with the libraries that are named, made once for each list of them. */
const pythonWith = async (requirements: string): Promise<Ready> => {
  const version = await run('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 11))'])
  if (version.code !== 0) return { missing: 'there is no Python 3.11 or later here (python3)' }
  const made = await cached('python', await readFile(requirements, 'utf8'), async (folder) => {
    await mustRun('python3', ['-m', 'venv', folder])
    await mustRun(join(folder, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', '--requirement', requirements])
  })
  return 'missing' in made ? made : { path: join(made.path, 'bin', 'python') }
}

/** The libraries may be missing where there is no registry; a program that does not compile is a fault, and no reason to skip. */
const goProgram = async (folder: string): Promise<Ready> => {
  if ((await run('go', ['version'])).code !== 0) return { missing: 'there is no Go here' }
  const fetched = await run('go', ['mod', 'download'], folder)
  if (fetched.code !== 0) return { missing: `its libraries could not be fetched: ${lastLine(fetched.text)}` }
  await mkdir(CACHE, { recursive: true })
  const path = join(CACHE, `weight-guard-${process.pid}`)
  const built = await run('go', ['build', '-o', path, '.'], folder)
  if (built.code !== 0) throw new Error(`weight-guard does not compile:\n${built.text}`)
  return { path }
}

/** A folder that is made once, and then there: a venv bears its own place in it, so it is made where it stays. */
const cached = async (kind: string, key: string, make: (folder: string) => Promise<void>): Promise<Ready> => {
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
