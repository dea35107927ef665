import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { Client, type ClientOptions, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { Manifest, parseJson } from '@recyclique/contracts'
import { type Module, type RunningModule, startModule } from '@recyclique/sdk'
import { type Logger, pino } from 'pino'
import { onTestFinished } from 'vitest'
import { openKernel } from '../../kernel/kernel.ts'
import { readSettings } from '../../kernel/settings.ts'
import { jarvos } from '../../modules/jarvos/module.ts'
import { apiOf, envFor } from '../conformance/live/centre.ts'
import { startTestServer } from '../support/nats.ts'
import { until } from '../support/wait.ts'

export const manifest = parseJson(Manifest, readFileSync('modules/jarvos/manifest.json', 'utf8'), 'manifest.json')

/** A kernel in this process on a real server, set up with two categories and one post. */
export const openCentre = async () => {
  const server = await startTestServer()
  const dataDir = await mkdtemp(join(tmpdir(), 'recyclique-jarvos-'))
  const settings = readSettings({ ...envFor(server), RECYCLIQUE_DATA: dataDir, LOG_LEVEL: 'silent' })
  const kernel = await openKernel(settings, pino({ level: 'silent' }), (error) => {
    throw error
  })
  await until(() => kernel.busState() === 'connected')
  const centre = { server, url: kernel.url, ...apiOf(() => kernel.url) }
  await setUp(centre)
  const close = async () => {
    await kernel.close()
    await server.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
  return { ...centre, close }
}

export type Centre = Awaited<ReturnType<typeof openCentre>>

/** jarvos at work in a centre, on a port of its own. Whoever opens it closes it. */
export const openJarvos = async (config: Record<string, unknown> = {}) => {
  const centre = await openCentre()
  let written = ''
  const into = new Writable({
    write(chunk, _, done) {
      written += chunk
      done()
    },
  })
  const running = await startAs(centre, jarvos(manifest), {
    log: pino({ level: 'debug' }, into),
    config: { port: 0, callsPerMinute: 6_000, ...config },
  })
  const url = await until(() => /"url":"([^"]+)"/.exec(written)?.[1])
  const command = async (name: string, args: Record<string, string>) => {
    const { status, body } = await centre.api('POST', `/v1/modules/jarvos/commands/${name}`, { args })
    return { status, text: String(body.text ?? body.detail) }
  }
  return {
    ...{ centre, url, running, command },
    log: () => written,
    token: async (name: string, tools?: string) => {
      const { text } = await command('token-add', { token: name, ...(tools === undefined ? {} : { tools }) })
      return /rqj_\S+/.exec(text)?.[0] ?? `none: ${text}`
    },
    /** What the event log has of calls, in their order. */
    calls: async () =>
      (await factsOf(centre))
        .filter(({ name }) => name.startsWith('jarvos.call.'))
        .map(({ name, data }): Record<string, unknown> => ({ name, ...data })),
    async close() {
      await running.stop()
      await centre.close()
    },
  }
}

export type Jarvos = Awaited<ReturnType<typeof openJarvos>>

interface As {
  readonly log?: Logger
  readonly config?: Record<string, unknown>
  readonly instance?: string
}

/** A module in this process, once it is active. */
export const startAs = async (
  { server, are }: Pick<Centre, 'server' | 'are'>,
  module: Module,
  { log = pino({ level: 'silent' }), config, instance = `${module.manifest.name}-1` }: As = {},
): Promise<RunningModule> => {
  const { name } = module.manifest
  const { creds } = await server.addModule(name)
  const settings = { servers: [server.url], site: 'essai', instance, creds, ...(config ? { config } : {}) }
  const running = startModule({ module, settings, log })
  await are('active', name)
  return running
}

type Row = { name: string; actor: string; data: Record<string, unknown> }

export const factsOf = async ({ get }: Pick<Centre, 'get'>): Promise<Row[]> => {
  const all: Row[] = []
  for (let from = 1; ; ) {
    const { items } = await get(`/v1/ledger?from=${from}&limit=500`)
    all.push(...items.map((one: { canonical: string } & Row) => ({ ...one, data: JSON.parse(one.canonical) })))
    if (items.length < 500) return all
    from = items.at(-1).position + 1
  }
}

export const setUp = async ({ api }: Pick<Centre, 'api'>): Promise<void> => {
  for (const [id, name] of Object.entries({ livres: 'Livres', 'electro-menager': 'Électro-ménager' })) {
    const body = { shortName: name, officialName: name, eee: 'none', shownAtSale: true, shownAtReception: true }
    await api('PUT', `/v1/categories/${id}`, body)
  }
  await api('PUT', '/v1/posts/quai', { name: 'Quai' })
}

/** An assistant: the SDK's own client. `modern`: of the revision without sessions. */
export const connect = async (
  url: string,
  token: string,
  { isModern = false, ...options }: ClientOptions & { isModern?: boolean } = {},
) => {
  const client = new Client(
    { name: 'assistant', version: '1.0.0' },
    { ...options, ...(isModern ? { versionNegotiation: { mode: { pin: '2026-07-28' } } } : {}) },
  )
  const requestInit = { headers: { authorization: `Bearer ${token}` } }
  const transport = new StreamableHTTPClientTransport(new URL(url), { requestInit })
  await client.connect(transport)
  onTestFinished(async () => void (await client.close().catch(() => {})))
  return Object.assign(client, { sent: transport })
}

/** An assistant whose client asks a person, who says what `say` says. */
export const connectWithPerson = async (
  url: string,
  token: string,
  { say, isModern = false }: { say: (question: string) => object; isModern?: boolean },
) => {
  const client = new Client(
    { name: 'assistant', version: '1.0.0' },
    {
      capabilities: { elicitation: {} },
      ...(isModern ? { versionNegotiation: { mode: { pin: '2026-07-28' } } } : {}),
    },
  )
  client.setRequestHandler('elicitation/create', async ({ params }) => say(params.message) as never)
  const requestInit = { headers: { authorization: `Bearer ${token}` } }
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }))
  onTestFinished(async () => void (await client.close().catch(() => {})))
  return client
}

export const textOf = (result: unknown): string =>
  (result as { content?: { text?: string }[] }).content?.map(({ text }) => text).join('\n') ?? ''

export const confirmationIn = (text: string): string => /"confirmation":"([^"]+)"/.exec(text)?.[1] ?? ''
