import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type Manifest, parse, Manifest as schema } from '@recyclique/contracts'
import { signalGroup } from '../../cli/up/process-group.ts'
import { spawnModule } from '../../cli/up/spawn-module.ts'
import { makeCrew } from '../../cli/workshop/crew.ts'
import type { StartableModule } from '../../cli/workshop/manifests.ts'

const ROOT = join(import.meta.dirname, '..', '..')

/** A workshop in a folder of its own: real module folders, and real processes that come out of them. */
export const openWorkshop = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'recyclique-workshop-'))
  const modules = join(folder, 'modules')
  mkdirSync(modules)
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  const said: string[] = []
  const say = (line: string) => void said.push(line)
  const pids = new Set<number>()
  const leash = {
    pid: () => undefined,
    hold: (pid: number) => void pids.add(pid),
    letGo: (pid: number) => void pids.delete(pid),
    drop: async () => {},
    kill: () => {},
  }
  const crew = makeCrew(say)
  const journal = join(folder, 'journal.txt')
  const spawn = ({ name, entry, config }: StartableModule, killAfterMs = 5_000) =>
    spawnModule({
      name,
      entry,
      data: join(folder, 'data', name),
      leash,
      onLine: () => {},
      killAfterMs,
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        JOURNAL: journal,
        ...(config ? { RECYCLIQUE_MODULE_CONFIG: JSON.stringify(config) } : {}),
      },
    })
  return {
    folder,
    modules,
    crew,
    leash,
    said,
    say,
    /** Starts a module's process and adds it to the crew. */
    start: (module: StartableModule) => crew.add(module.name, spawn(module)),
    spawn,
    /** A folder `modules/<name>`; a file that is `undefined` is not written. */
    module: (name: string, files: Files = {}) => {
      const { manifest = {}, main = GOOD, packageJson } = files
      const at = join(modules, name)
      mkdirSync(at, { recursive: true })
      if (manifest !== null) write(join(at, 'manifest.json'), manifestOf(name, manifest))
      if (main !== null) writeFileSync(join(at, 'main.js'), main)
      if (packageJson) write(join(at, 'package.json'), packageJson)
      return at
    },
    file: (path: string, text: string) => {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text)
      return join(folder, path)
    },
    /** What processes wrote down: who, and what. */
    journal: () => linesIn(journal),
    close: async () => {
      await crew.stopAll()
      for (const pid of pids) signalGroup(pid, 'SIGKILL')
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

export type Workshop = Awaited<ReturnType<typeof openWorkshop>>

type Files = {
  manifest?: Partial<Manifest> | null
  main?: string | null
  packageJson?: Record<string, unknown>
}

export const manifestOf = (name: string, own: Partial<Manifest> = {}): Manifest =>
  parse(schema, {
    name,
    version: '1.0.0',
    description: `The module ${name} of a test.`,
    kernel: '^0.1.0',
    protocol: { min: 1, max: 1 },
    ...own,
  })

const write = (path: string, value: unknown): void => writeFileSync(path, JSON.stringify(value))

const linesIn = (path: string): string[] => {
  try {
    return readFileSync(path, 'utf8').trim().split('\n')
  } catch {
    return []
  }
}

/** Says that it is in, as the SDK does; writes down its start, its configuration and its stop. */
export const GOOD = `
const { appendFileSync } = require('node:fs')
const name = require('node:path').basename(__dirname)
const note = (what) => appendFileSync(process.env.JOURNAL, name + ' ' + what + '\\n')
note('starts')
if (process.env.RECYCLIQUE_MODULE_CONFIG) note('got ' + process.env.RECYCLIQUE_MODULE_CONFIG)
process.on('SIGTERM', () => { note('stops'); process.exit(0) })
console.log(JSON.stringify({ msg: 'admitted' }))
setInterval(() => {}, 1000)
`
