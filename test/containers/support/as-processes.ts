import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { findNatsServer } from '../../../cli/nats-server.ts'
import { freePort } from '../../../cli/up/free-port.ts'
import { type Compose, commandOf, inOrder, type Service } from './compose-file.ts'
import { readDockerfile } from './dockerfile.ts'

/** A container that is none: the same command in the same surroundings, its volumes folders and its network this machine. */
export type Part = {
  name: string
  child: ChildProcess
  log: () => string
  ended: Promise<number | string>
}

export type Centre = {
  parts: Part[]
  /** The kernel's address. */
  url: string
  folder: string
  /** One more container of a service, as `--scale` gives. */
  scale: (name: string) => Part
  /** Asks as the service's own health check does, until it says yes. */
  untilHealthy: (name: string) => Promise<void>
  /** Stops everybody as an engine does, whoever was started last first; gives how each ended. */
  stop: () => Promise<Record<string, number | string>>
  remove: () => void
}

/** Starts every service of the file that stands behind no profile, in order, each once those that it waits for have come so far. */
export const startAsProcesses = async (compose: Compose, app: string): Promise<Centre> => {
  const folder = mkdtempSync(join(tmpdir(), 'recyclique-containers-'))
  const ports = new Map<string, number>()
  for (const port of PORTS) ports.set(port, await freePort('127.0.0.1'))
  const { path: natsServer } = await findNatsServer({ env: process.env, say: () => {} })
  const here = { compose, app, folder, ports, natsServer }
  const parts: Part[] = []
  const start = (name: string): Part => {
    const part = startPart(name, here)
    parts.push(part)
    return part
  }
  const untilHealthy = async (name: string) => {
    for (const end = Date.now() + HEALTHY_WITHIN_MS; !(await checkHealth(name, here)); await wait(HEALTH_EVERY_MS))
      if (Date.now() > end) throw new Error(`${name} is not healthy:\n${parts.find((one) => one.name === name)?.log()}`)
  }
  const isThere = (name: string, condition: string) => {
    if (condition === 'service_healthy') return untilHealthy(name)
    return condition === 'service_completed_successfully' ? completed(parts, name) : undefined
  }
  for (const name of inOrder(compose)) {
    if (compose.services[name]?.profiles) continue
    const waits = Object.entries(compose.services[name]?.depends_on ?? {})
    for (const [before, { condition }] of waits) await isThere(before, condition)
    start(name)
  }
  return {
    parts,
    url: `http://127.0.0.1:${ports.get('8010')}`,
    folder,
    scale: start,
    untilHealthy,
    stop: async () => {
      const ends: Record<string, number | string> = {}
      for (const { name, child, ended } of parts.toReversed()) {
        child.kill('SIGTERM')
        ends[name] = await ended
      }
      return ends
    },
    remove: () => {
      for (const { child } of parts) child.kill('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A check is a process of its own: asked without a pause it would take the time of those that are to come up. */
const HEALTH_EVERY_MS = 250
const HEALTHY_WITHIN_MS = 60_000

/** Inside the containers; here each has another one. */
const PORTS = ['4222', '8222', '8010']

type Here = { compose: Compose; app: string; folder: string; ports: ReadonlyMap<string, number>; natsServer: string }

const startPart = (name: string, here: Here): Part => {
  const service = serviceOf(name, here)
  for (const volume of service.volumes)
    mkdirSync(join(here.folder, volumeOf(volume).name), { recursive: true, mode: 0o700 })
  const [program = '', ...args] = commandOf(service).map((word) => translate(word, service, here))
  const child = spawn(programOf(program, here), args, {
    cwd: here.app,
    env: surroundingsOf(service, here),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let written = ''
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => {
      written += `${line}\n`
    })
  const ended = new Promise<number | string>((resolve) =>
    child.once('close', (code, signal) => resolve(code ?? signal ?? 1)),
  )
  return { name, child, ended, log: () => written }
}

/** Nothing of ours but what the image and the file say. No home: nobody may count on one. */
const surroundingsOf = (service: Service, here: Here): Record<string, string> => {
  const image = service.build === undefined ? {} : readDockerfile(here.app).environment
  const said = Object.entries(service.environment ?? {}).map(([key, value]) => [key, translate(value, service, here)])
  return { PATH: '/usr/bin:/bin', HOME: '/nonexistent', ...image, ...Object.fromEntries(said) }
}

const programOf = (word: string, { natsServer }: Here): string =>
  word === 'node' ? process.execPath : word === 'nats-server' ? natsServer : word

/** A path in a volume becomes one in its folder; another container's name, and every address, become this machine's. */
const translate = (text: string, { volumes }: Service, { folder, ports }: Here): string => {
  let here = text
  for (const { name, path } of volumes.map(volumeOf).sort((a, b) => b.path.length - a.path.length))
    here = here.replace(new RegExp(`(^|=)${path}(?=/|$)`), `$1${join(folder, name)}`)
  return here
    .replace(/0\.0\.0\.0/g, '127.0.0.1')
    .replace(/\/\/(nats|kernel):/g, '//127.0.0.1:')
    .replace(new RegExp(`(?<=^|=|:)(${PORTS.join('|')})\\b`, 'g'), (port) => String(ports.get(port)))
}

const volumeOf = (text: string): { name: string; path: string } => {
  const [name = '', path = ''] = text.split(':')
  return { name, path }
}

const serviceOf = (name: string, { compose }: Here): Service => {
  const service = compose.services[name]
  if (!service) throw new Error(`there is no service ${name}`)
  return service
}

const completed = async (parts: readonly Part[], name: string): Promise<void> => {
  const part = parts.find((one) => one.name === name)
  const code = await part?.ended
  if (code !== 0) throw new Error(`${name} ended with ${code}:\n${part?.log()}`)
}

/** What the engine would run inside the container. Its `wget` need not be here. */
const checkHealth = async (name: string, here: Here): Promise<boolean> => {
  const service = serviceOf(name, here)
  const [, program = '', ...args] = (service.healthcheck?.test ?? []).map((word) => translate(word, service, here))
  if (program === 'wget')
    return fetch(args.at(-1) ?? '').then(
      ({ ok }) => ok,
      () => false,
    )
  const child = spawn(programOf(program, here), args, { env: surroundingsOf(service, here), stdio: 'ignore' })
  return new Promise((resolve) => child.once('close', (code) => resolve(code === 0)))
}
