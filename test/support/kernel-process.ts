import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The kernel in a process of its own, and the way to talk to it. */
export interface KernelProcess {
  /** Another one after each restart. */
  readonly url: string
  readonly pid: number
  readonly dataDir: string
  readonly keysDir: string
  /** One request. A POST bears a fresh key unless one is given. Rejects only where no whole answer came. */
  api(method: string, path: string, body?: unknown, as?: As): Promise<Answer>
  /** SIGTERM; settles with its exit code, or the signal that ended it. */
  stop(): Promise<Exit>
  /** As a power cut of the process: nothing of it runs any more. */
  kill9(): Promise<void>
  /** Starts it again on the same folder; stops it in order first where it runs. */
  restart(): Promise<void>
  /** Ends it, and removes the folder where it was made here. */
  done(): Promise<void>
  /** All that it wrote so far. */
  log(): string
}

export interface As {
  readonly key?: string
  readonly actor?: string
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: what a kernel answers, of which a test reads what it wants
  readonly body: any
}

export type Exit = number | NodeJS.Signals | null

interface Wanted {
  readonly nats?: string
  readonly dataDir?: string
  readonly env?: Readonly<Record<string, string>>
}

interface Started {
  readonly child: ChildProcess
  readonly url: string
  readonly ended: Promise<Exit>
}

const MAIN = join(import.meta.dirname, '../../kernel/main.ts')

/** Spawns `kernel/main.ts` on any free port and waits until it takes requests. Fails with what it wrote where it does not. */
export const startKernelProcess = async ({ nats, dataDir, env = {} }: Wanted = {}): Promise<KernelProcess> => {
  const folder = dataDir ?? (await mkdtemp(join(tmpdir(), 'recyclique-kernel-')))
  const whole: Record<string, string> = {
    PATH: process.env.PATH ?? '',
    RECYCLIQUE_PORT: '0',
    RECYCLIQUE_DATA: folder,
    LOG_LEVEL: 'warn',
    // Halves the start: dozens of kernels read the same sources.
    NODE_COMPILE_CACHE: join(tmpdir(), 'recyclique-compile-cache'),
    ...(nats === undefined ? {} : { NATS_URL: nats }),
    ...env,
  }
  let written = ''
  const start = () =>
    startOne(whole, (text) => {
      written += text
    })
  let running = await start()
  const end = (signal: NodeJS.Signals) => {
    running.child.kill(signal)
    return running.ended
  }

  return {
    get url() {
      return running.url
    },
    get pid() {
      return running.child.pid ?? 0
    },
    dataDir: folder,
    keysDir: whole.RECYCLIQUE_KEYS ?? join(folder, 'keys'),
    api: (method, path, body, as) => ask(running.url, { method, path, body, as }),
    stop: () => end('SIGTERM'),
    async kill9() {
      await end('SIGKILL')
    },
    async restart() {
      await end('SIGTERM')
      running = await start()
    },
    async done() {
      await end('SIGKILL')
      if (dataDir === undefined) await rm(folder, { recursive: true, force: true })
    },
    log: () => written,
  }
}

/** No kernel outlives the tests that started it, whatever becomes of them. */
const alive = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of alive) child.kill('SIGKILL')
})

const startOne = async (env: Record<string, string>, hear: (text: string) => void): Promise<Started> => {
  const child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
  alive.add(child)
  let written = ''
  for (const pipe of [child.stdout, child.stderr])
    pipe?.setEncoding('utf8').on('data', (text: string) => {
      written += text
      hear(text)
    })
  const ended = new Promise<Exit>((resolve) => {
    child.once('close', (code, signal) => {
      alive.delete(child)
      resolve(signal ?? code)
    })
  })
  const url = await new Promise<string>((resolve, reject) => {
    child.on('message', (said: { ready?: { url: string } }) => said.ready && resolve(said.ready.url))
    void ended.then((code) => reject(new Error(`the kernel ended with ${code} before it was ready:\n${written}`)))
  })
  return { child, url, ended }
}

interface Request {
  readonly method: string
  readonly path: string
  readonly body: unknown
  readonly as: As | undefined
}

const ask = async (url: string, { method, path, body, as = {} }: Request): Promise<Answer> => {
  const { key = randomUUID(), actor = 'manager' } = as
  const answer = await fetch(`${url}${path}`, {
    method,
    headers: {
      'recyclique-actor': actor,
      ...(method === 'GET' ? {} : { 'idempotency-key': key }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  const isJson = answer.headers.get('content-type')?.includes('json') ?? false
  return { status: answer.status, headers: answer.headers, body: isJson ? JSON.parse(text) : text }
}
