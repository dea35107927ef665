import { createHash, randomUUID } from 'node:crypto'
import { existsSync, globSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../support/wait.ts'
import { type Centre, startAsProcesses } from './support/as-processes.ts'
import { ROOT, readCompose } from './support/compose-file.ts'
import { type ImageTree, makeImageTree } from './support/image-tree.ts'

// What the containers run is run here as processes: the file's own commands, surroundings, order and health checks, on the very
// files and libraries that the image would hold. Only the engine itself is missing.

let image: ImageTree
let before: string
let centre: Centre
beforeAll(async () => {
  image = makeImageTree()
  before = fingerprint(image.folder)
  centre = await startAsProcesses(readCompose(), image.folder)
}, 60_000)
afterAll(() => {
  centre?.remove()
  image?.remove()
})

const api = async <T>(method: string, path: string, body?: object): Promise<T> => {
  const answer = await fetch(`${centre.url}${path}`, {
    method,
    headers: {
      'recyclique-actor': 'manager',
      'idempotency-key': randomUUID(),
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
  return (await answer.json()) as T
}

test('everybody comes up and is healthy, each with credentials of its own', async () => {
  for (const name of ['nats', 'kernel', 'live-figures']) await centre.untilHealthy(name)
  expect(readdirSync(join(centre.folder, 'live-figures-credentials'))).toEqual(['live-figures.creds'])
  const ready = await api<{ status: string; reasons: string[] }>('GET', '/readyz')
  expect(ready).toMatchObject({ status: 'ready', reasons: [] })
})

test('a sale is kept and heard', async () => {
  await api('PUT', '/v1/registers/caisse-1', { name: 'Caisse 1' })
  const category = { shortName: 'Livre', officialName: 'Livre', eee: 'none', shownAtSale: true, shownAtReception: true }
  await api('PUT', '/v1/categories/livre', category)
  const session = { registerId: 'caisse-1', floatCents: 5000 }
  const { sessionId } = await api<{ sessionId: string }>('POST', '/v1/cash-sessions', session)
  await api('POST', '/v1/sales', {
    sessionId,
    lines: [{ categoryId: 'livre', qty: 1, unitCents: 730 }],
    totalCents: 730,
    payments: [{ methodId: 'cash', cents: 730 }],
  })
  const heard = async () => (await (await fetch(`${centre.url}/m/live-figures/today`)).text()).includes('730')
  expect(await until(heard)).toBe(true)
})

test('two more replicas come beside the first, under names of their own', async () => {
  centre.scale('live-figures')
  centre.scale('live-figures')
  type View = { state: string; instances: { id: string; state: string }[] }
  const active = async () => {
    const { instances } = await api<View>('GET', '/v1/modules/live-figures')
    return instances.filter(({ state }) => state === 'active').map(({ id }) => id)
  }
  await until(async () => (await active()).length === 3, 20_000)
  expect(new Set(await active()).size).toBe(3)
})

test('pages that are read from files are in the image as well', async () => {
  for (const path of ['/docs', '/errors', '/openapi.json'])
    expect((await fetch(`${centre.url}${path}`)).status, path).toBe(200)
  for (const file of globSync('{kernel,cli,contracts,modules}/**/*.ts', {
    cwd: ROOT,
    exclude: (name) => name.includes('node_modules'),
  }))
    for (const [, named = ''] of readFileSync(join(ROOT, file), 'utf8').matchAll(
      /URL\('(\.\.?\/[^']+)', import\.meta\.url\)/g,
    ))
      expect(existsSync(join(image.folder, file, '..', named)), `${file} reads ${named}`).toBe(true)
})

test('whoever is told to stop does, in order and in time, and nobody has written into the image', async () => {
  const ends = await centre.stop()
  expect(ends).toEqual({ keys: 0, nats: expect.anything(), kernel: 0, 'live-figures': 0 })
  const kernel = centre.parts.find(({ name }) => name === 'kernel')
  expect(kernel?.log()).toContain('"stopped"')
  expect(fingerprint(image.folder)).toBe(before)
})

/** Of every file's name, size and time, without following the links to the libraries. */
function fingerprint(folder: string): string {
  const files = globSync('**/*', { cwd: folder, exclude: (name) => name.includes('node_modules') }).sort()
  const all = files.map((file) => {
    const found = statSync(join(folder, file))
    return found.isFile() ? `${file} ${found.size} ${found.mtimeMs}` : file
  })
  return createHash('sha256').update(all.join('\n')).digest('hex')
}
