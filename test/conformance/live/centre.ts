import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ModuleState, ModuleView } from '@recyclique/contracts'
import { pino } from 'pino'
import { onTestFinished } from 'vitest'
import { openKernel } from '../../../kernel/kernel.ts'
import { readSettings } from '../../../kernel/settings.ts'
import { type KernelProcess, startKernelProcess } from '../../support/kernel-process.ts'
import { startTestServer, type TestServer } from '../../support/nats.ts'
import { until } from '../../support/wait.ts'
import { openActors, type StartActor } from './actors.ts'

// biome-ignore lint/suspicious/noExplicitAny: answers of every shape, of which a test reads what it wants
type Body = any
type Answer = { readonly status: number; readonly body: Body }

/** A kernel, seen over HTTP. */
export interface Api {
  api(method: string, path: string, body?: object): Promise<Answer>
  /** The body; rejects unless the answer is a good one. */
  get(path: string): Promise<Body>
  view(module: string): Promise<ModuleView>
  /** Waits until a module stands so. */
  are(state: ModuleState, ...modules: string[]): Promise<void>
  /** Who is asked in which order, as it is shown: the text, without what changes from one moment to the next. */
  planText(hook: string): Promise<string>
}

/** The real server with its accounts, and modules in processes of their own; all of it is gone when the test is over. */
export const openStage = async (): Promise<{ server: TestServer; start: StartActor }> => {
  const server = await startTestServer()
  onTestFinished(server.stop)
  return { server, start: openActors(server) }
}

/** A kernel in the test's own process, so that hooks can be asked that no route of HTTP asks. */
export const openCentre = async (env: Record<string, string> = {}) => {
  const { server, start } = await openStage()
  const dataDir = await mkdtemp(join(tmpdir(), 'recyclique-live-'))
  const settings = readSettings({ ...envFor(server), RECYCLIQUE_DATA: dataDir, LOG_LEVEL: 'silent', ...env })
  const log = pino({ level: 'silent' })
  const kernel = await openKernel(settings, log, (error) => {
    throw error
  })
  onTestFinished(async () => {
    await kernel.close()
    await rm(dataDir, { recursive: true, force: true })
  })
  await until(() => kernel.busState() === 'connected')
  return { server, start, hooks: kernel.hooks, url: kernel.url, ...apiOf(() => kernel.url) }
}

/** A kernel in a process of its own, that can be killed and started again. */
export const openCentreApart = async (env: Record<string, string> = {}) => {
  const { server, start } = await openStage()
  const kernel = await startKernelProcess({ env: { ...envFor(server), ...env } })
  onTestFinished(kernel.done)
  return { server, start, kernel, ...apiOf(() => kernel.url) }
}

export const envFor = ({ url, keyring }: TestServer) => ({
  ...{ RECYCLIQUE_SITE: 'essai', RECYCLIQUE_PORT: '0', RECYCLIQUE_KEYS: keyring.folder, NATS_URL: url },
})

export type Centre = Awaited<ReturnType<typeof openCentre>>
export type { KernelProcess }

export const apiOf = (url: () => string): Api => {
  const api = async (method: string, path: string, body?: object): Promise<Answer> => {
    const headers = {
      ...{ 'recyclique-actor': 'manager', 'idempotency-key': randomUUID() },
      ...(body ? { 'content-type': 'application/json' } : {}),
    }
    const answer = await fetch(`${url()}${path}`, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) })
    const text = await answer.text()
    const isJson = answer.headers.get('content-type')?.includes('json') ?? false
    return { status: answer.status, body: isJson ? JSON.parse(text) : text }
  }
  const get = async (path: string) => {
    const { status, body } = await api('GET', path)
    if (status >= 300) throw new Error(`GET ${path}: ${status} ${JSON.stringify(body)}`)
    return body
  }
  return {
    ...{ api, get },
    view: (module) => get(`/v1/modules/${module}`),
    async are(state, ...modules) {
      for (const module of modules)
        await until(async () => (await get(`/v1/modules/${module}`)).state === state, 20_000)
    },
    async planText(hook) {
      const { steps } = await get(`/v1/hooks/${hook}/plan`)
      return JSON.stringify(steps.map(({ breaker: _, ...step }: { breaker?: object }) => step))
    },
  }
}
