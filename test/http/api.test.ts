import { pino } from 'pino'
import { v7 as newId } from 'uuid'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openServer } from '../../kernel/http/server.ts'
import type { World } from '../../kernel/http/world.ts'
import { type Answer, openRealKernel, type RealKernel, saleOf, setUp } from './real-kernel.ts'

let kernel: RealKernel
let centre: Awaited<ReturnType<typeof setUp>>
beforeAll(async () => {
  kernel = await openRealKernel()
  centre = await setUp(kernel)
})
afterAll(async () => {
  expect(kernel.troubles).toEqual([])
  await kernel.close()
})

interface Operation {
  tags?: string[]
  parameters?: { in: string; name: string; required?: boolean; schema?: object }[]
  requestBody?: { required?: boolean; content: Record<string, { schema: object }> }
  responses: Record<string, { description: string }>
}
type OpenApi = { openapi: string; info: object; paths: Record<string, Record<string, Operation>> }

const openapi = async (): Promise<OpenApi> => (await kernel.get('/openapi.json')).json
const operations = async () =>
  Object.entries((await openapi()).paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path}`,
      path,
      operation,
    })),
  )

/** No act of the ledger's: test/registry/dead-letters.test.ts. */
const isDeadLetter = (name: string) => name.includes('/v1/dead-letters/')

describe('the description', () => {
  test('is OpenAPI 3.1: every operation has tags, answers, and each parameter of its path', async () => {
    const { openapi: version, info } = await openapi()
    expect(version).toMatch(/^3\.1\.\d$/)
    expect(info).toMatchObject({ title: 'Recyclique', version: expect.stringMatching(/^\d+\.\d+\.\d+/) })
    for (const { name, path, operation } of await operations()) {
      expect(operation.tags?.length, name).toBeGreaterThan(0)
      const answers = Object.entries(operation.responses)
      expect(answers.length, name).toBeGreaterThan(0)
      for (const [status, { description }] of answers) {
        expect(status, name).toMatch(/^([1-5]\d\d|[1-5]XX|default)$/)
        expect(typeof description, name).toBe('string')
      }
      const inPath = (operation.parameters ?? []).filter((one) => one.in === 'path')
      expect(
        inPath.every(({ required }) => required),
        name,
      ).toBe(true)
      expect(inPath.map((one) => one.name).sort(), name).toEqual(
        [...path.matchAll(/\{(\w+)\}/g)].map(([, one]) => one).sort(),
      )
    }
  })

  test('has schemas of one form only, and every pattern in them is a regular expression', async () => {
    const TYPES = ['object', 'array', 'string', 'integer', 'number', 'boolean', 'null']
    const look = (schema: Record<string, unknown>, here: string) => {
      expect(schema.$ref, here).toBeUndefined()
      if (schema.type !== undefined) expect(TYPES, here).toContain(schema.type)
      if (schema.pattern !== undefined) expect(() => new RegExp(String(schema.pattern)), here).not.toThrow()
      if (schema.type === 'array') look(schema.items as Record<string, unknown>, `${here}/items`)
      for (const one of (schema.anyOf ?? []) as Record<string, unknown>[]) look(one, `${here}/anyOf`)
      const properties = (schema.properties ?? {}) as Record<string, Record<string, unknown>>
      for (const [key, one] of Object.entries(properties)) look(one, `${here}/${key}`)
      for (const key of (schema.required ?? []) as string[]) expect(Object.keys(properties), here).toContain(key)
    }
    for (const { name, operation } of await operations()) {
      for (const { schema } of operation.parameters ?? []) look({ ...schema }, name)
      const body = operation.requestBody?.content['application/json']?.schema
      if (body) look({ ...body }, name)
    }
  })

  test('has every route of the app but those that hand on to modules and show the description itself', async () => {
    const app = await openServer({
      log: pino({ level: 'silent' }),
      newId,
      version: '0.1.0',
      modules: {},
    } as unknown as World)
    await app.ready()
    const routes = routesIn(app.printRoutes({ commonPrefix: false }))
    await app.close()
    const wanted = routes.filter((one) => !/^(HEAD|OPTIONS) | \/(docs|errors|openapi\.json|m)(\/|$)/.test(one))
    expect(wanted.length).toBeGreaterThan(50)
    expect((await operations()).map(({ name }) => name).sort()).toEqual(wanted.sort())
  })

  test('says which headers an act needs, so that /docs can send one', async () => {
    for (const { name, operation } of await operations()) {
      const headers = (operation.parameters ?? []).filter((one) => one.in === 'header')
      const required = headers.filter((one) => one.required).map((one) => one.name)
      if (name.startsWith('GET') || name.endsWith('/verify')) expect(headers, name).toEqual([])
      else if (name.startsWith('POST') && !isDeadLetter(name))
        expect(required.sort(), name).toEqual(['idempotency-key', 'recyclique-actor'])
      else expect(required, name).toEqual(['recyclique-actor'])
    }
  })

  test('/docs is a page that needs nothing from elsewhere', async () => {
    const page = await kernel.get('/docs')
    expect(page.headers['content-type']).toMatch(/^text\/html/)
    const assets = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address ?? '')
    expect(assets.length).toBeGreaterThan(3)
    for (const address of assets) {
      expect(address).toMatch(/^\/docs\//)
      expect((await kernel.get(address)).status, address).toBe(200)
    }
  })

  test('/errors explains every problem, where its type points', async () => {
    const { json } = await kernel.get('/v1/licornes')
    expect(json.type).toBe('/errors#method-unknown')
    expect((await kernel.get('/errors')).text).toContain('<h3 id="method-unknown">')
  })
})

describe('a list', () => {
  type Page = { items: Record<string, unknown>[]; next?: string }

  /** Every page of seven; `between` happens after each. */
  const walk = async (path: string, between: () => Promise<unknown> = async () => undefined) => {
    const items: Record<string, unknown>[] = []
    for (let after = ''; ; ) {
      const page = (await kernel.get(`${path}${path.includes('?') ? '&' : '?'}limit=7${after}`)).json as Page
      expect(page.items.length).toBeLessThanOrEqual(7)
      if (page.next !== undefined) expect(page.items.length).toBe(7)
      items.push(...page.items)
      if (page.next === undefined) return items
      await between()
      after = `&after=${encodeURIComponent(page.next)}`
    }
  }
  const whole = async (path: string) =>
    ((await kernel.get(`${path}${path.includes('?') ? '&' : '?'}limit=500`)).json as Page).items

  /** One more of everything that is listed. */
  const addOne = async () => {
    const id = newId().slice(-12)
    const { must, sessionId } = centre
    await must(kernel.put(`/v1/posts/p${id}`, { name: id }))
    await must(
      kernel.put(`/v1/categories/c${id}`, {
        shortName: id,
        officialName: id,
        eee: 'none',
        shownAtSale: true,
        shownAtReception: true,
      }),
    )
    await must(kernel.put(`/v1/held-tickets/${newId()}`, { sessionId, lines: [{ categoryId: 'livres', qty: 1 }] }))
    await must(kernel.put(`/v1/registers/r${id}`, { name: id }))
    await must(kernel.post('/v1/cash-sessions', { registerId: `r${id}`, floatCents: 0 }))
    await centre.sell(1)
    await centre.receive()
    await must(kernel.post('/v1/exits', { kind: 'bins', lines: [{ categoryId: 'textile', grossGrams: 10 }] }))
  }

  beforeAll(async () => {
    for (let n = 0; n < 20; n += 1) await addOne()
  })

  const NEWEST_FIRST = ['/v1/sales', '/v1/cash-sessions', '/v1/deposits', '/v1/exits']
  const BY_ID = ['/v1/posts', '/v1/categories', '/v1/registers', '/v1/held-tickets']
  const OLDEST_FIRST = ['/v1/ledger', '/v1/movements']
  const FILTERED = ['/v1/sales?registerId=caisse-1', '/v1/deposits?status=open', '/v1/movements?flow=bins']

  test.each([...NEWEST_FIRST, ...BY_ID, ...OLDEST_FIRST, ...FILTERED])(
    '%s walked page by page gives every item once, in order',
    async (path) => {
      const items = await walk(path)
      expect(items.length).toBeGreaterThan(14)
      expect(items).toEqual(await whole(path))
    },
  )

  test.each(NEWEST_FIRST)('%s walked while items are added gives what was there when the walk began', async (path) => {
    const before = await whole(path)
    expect(await walk(path, addOne)).toEqual(before)
  })

  test.each(['/v1/ledger', '/v1/movements'])('%s walked while items are added gives every item once', async (path) => {
    let left = 3
    const items = await walk(path, async () => {
      left -= 1
      if (left >= 0) await addOne()
    })
    expect(items).toEqual(await whole(path))
  })

  test.each(BY_ID)('%s walked while items are added gives what was there once, in order', async (path) => {
    const idOf = ({ id, ticketId }: Record<string, unknown>) => String(id ?? ticketId)
    const before = (await whole(path)).map(idOf)
    let left = 3
    const walked = (
      await walk(path, async () => {
        left -= 1
        if (left >= 0) await addOne()
      })
    ).map(idOf)
    expect(walked).toEqual([...new Set(walked)].sort())
    expect(walked).toEqual(expect.arrayContaining(before))
  })

  test('the last page of exactly seven promises no more', async () => {
    const page = (await kernel.get('/v1/ledger?limit=7&after=0')).json as Page
    const { position } = (await kernel.get('/v1/ledger?limit=1')).json.head
    expect(page.next).toBe('7')
    expect((await kernel.get(`/v1/ledger?limit=7&after=${position - 7}`)).json.next).toBeUndefined()
  })
})

describe('an Idempotency-Key', () => {
  /** A request for every POST route that is an act, by its path in the description. */
  const ACTS: Record<string, () => Promise<{ path: string; body?: object; other: object }>> = {
    '/v1/categories/{id}/merge': async () => {
      const id = `m${newId().slice(-12)}`
      const shape = { shortName: id, officialName: id, eee: 'none', shownAtSale: true, shownAtReception: true }
      await centre.must(kernel.put(`/v1/categories/${id}`, shape))
      return { path: `/v1/categories/${id}/merge`, body: { into: 'livres' }, other: { into: 'textile' } }
    },
    '/v1/cash-sessions': async () => {
      const registerId = `k${newId().slice(-12)}`
      await centre.must(kernel.put(`/v1/registers/${registerId}`, { name: registerId }))
      return { path: '/v1/cash-sessions', body: { registerId, floatCents: 5 }, other: { registerId, floatCents: 6 } }
    },
    '/v1/cash-sessions/{id}/moves': async () => ({
      path: `/v1/cash-sessions/${centre.sessionId}/moves`,
      body: { kind: 'top-up', cents: 1 },
      other: { kind: 'top-up', cents: 2 },
    }),
    '/v1/cash-sessions/{id}/close': async () => {
      const { path, body } = (await ACTS['/v1/cash-sessions']?.()) ?? { path: '' }
      const { sessionId } = await centre.must(kernel.post(path, body))
      const counted = [{ methodId: 'cash', cents: 5 }]
      return { path: `/v1/cash-sessions/${sessionId}/close`, body: { counted }, other: { counted, bankCents: 1 } }
    },
    '/v1/modules/{name}/block': async () => {
      const path = `/v1/modules/m${newId().slice(-12)}/block`
      return { path, body: { reason: 'it prints nonsense' }, other: { reason: 'another' } }
    },
    '/v1/modules/{name}/unblock': async () => {
      const path = `/v1/modules/m${newId().slice(-12)}`
      await centre.must(kernel.post(`${path}/block`, {}))
      return { path: `${path}/unblock`, other: {} }
    },
    '/v1/sales': async () => ({
      path: '/v1/sales',
      body: { ...saleOf(centre.sessionId), note: 'à garder' },
      other: { ...saleOf(centre.sessionId), note: 'autre' },
    }),
    '/v1/sales/{id}/refunds': async () => {
      const { saleId } = await centre.sell()
      const body = { sessionId: centre.sessionId, lines: [{ line: 1, qty: 1, cents: 100 }], areGoodsBack: true }
      const payments = [{ methodId: 'cash', cents: 100 }]
      return {
        path: `/v1/sales/${saleId}/refunds`,
        body: { ...body, payments },
        other: { ...body, payments, areGoodsBack: false },
      }
    },
    '/v1/sales/{id}/void': async () => {
      const { sessionId } = centre
      return {
        path: `/v1/sales/${(await centre.sell()).saleId}/void`,
        body: { sessionId },
        other: { sessionId, note: 'x' },
      }
    },
    '/v1/sales/{id}/copies': async () => ({ path: `/v1/sales/${(await centre.sell()).saleId}/copies`, other: {} }),
    '/v1/deposits': async () => {
      const body = { postId: 'quai', origin: 'voluntary' }
      return { path: '/v1/deposits', body, other: { ...body, locality: 'Ganges' } }
    },
    '/v1/deposits/{id}/lines': async () => {
      const body = { categoryId: 'textile', grossGrams: 10 }
      const { depositId } = await centre.receive()
      return { path: `/v1/deposits/${depositId}/lines`, body, other: { ...body, grossGrams: 11 } }
    },
    '/v1/deposits/{id}/close': async () => ({
      path: `/v1/deposits/${(await centre.receive()).depositId}/close`,
      other: {},
    }),
    '/v1/deposits/{id}/lines/{lineId}/corrections': async () => {
      const { depositId, lineId } = await centre.receive()
      const body = { expectedNetGrams: 5000, after: null }
      return {
        path: `/v1/deposits/${depositId}/lines/${lineId}/corrections`,
        body,
        other: { ...body, note: 'doublon' },
      }
    },
    '/v1/exits': async () => {
      const lines = [{ categoryId: 'textile', grossGrams: 10 }]
      return { path: '/v1/exits', body: { kind: 'bins', lines }, other: { kind: 'donation', lines } }
    },
    '/v1/exits/{id}/lines/{lineId}/corrections': async () => {
      const lines = [{ categoryId: 'textile', grossGrams: 10 }]
      const { exitId, lines: kept } = await centre.must(kernel.post('/v1/exits', { kind: 'bins', lines }))
      const body = { expectedNetGrams: 10, after: null }
      return {
        path: `/v1/exits/${exitId}/lines/${kept[0].lineId}/corrections`,
        body,
        other: { ...body, note: 'doublon' },
      }
    },
  }

  /** Done by a module, and kept by nobody here: a retry is its own business. */
  const isErrand = (name: string) => /\/(commands|tools)\//.test(name)

  test('every POST route that is an act is tried here', async () => {
    const posts = (await operations()).filter(
      ({ name }) => name.startsWith('POST') && !name.endsWith('/verify') && !isDeadLetter(name) && !isErrand(name),
    )
    expect(Object.keys(ACTS).sort()).toEqual(posts.map(({ path }) => path).sort())
  })

  test.each(Object.entries(ACTS))(
    'sent twice to %s gives the same bytes, and only the first is kept',
    async (_, make) => {
      const { path, body } = await make()
      const key = { 'idempotency-key': newId() }
      const first = await kernel.post(path, body, key)
      expect(first.status, first.text).toBeLessThan(300)
      expect(first.headers['idempotency-replayed']).toBeUndefined()
      const head = await kernel.head()
      const again = await kernel.post(path, body, key)
      expect([again.status, again.text]).toEqual([first.status, first.text])
      expect(again.headers['idempotency-replayed']).toBe('true')
      expect(await kernel.head()).toEqual(head)
    },
  )

  test.each(Object.entries(ACTS))('of an act on %s is refused for anything else', async (_, make) => {
    const { path, body, other } = await make()
    const key = { 'idempotency-key': newId() }
    await centre.must(kernel.post(path, body, key))
    await centre.must(kernel.put('/v1/users/zoe', { roles: [] }))
    const head = await kernel.head()
    const reused = ({ status, json }: Answer) => expect([status, json.code]).toEqual([409, 'key-reused'])
    if (body) reused(await kernel.post(path, other, key))
    reused(await kernel.post('/v1/deposits', { postId: 'quai', origin: 'partner' }, key))
    reused(await kernel.put('/v1/posts/quai', { name: 'Quai nord' }, key))
    reused(await kernel.post(path, body, { ...key, 'recyclique-actor': 'zoe' }))
    expect(await kernel.head()).toEqual(head)
  })

  test('sent ten times at once makes one sale', async () => {
    const key = { 'idempotency-key': newId() }
    const { position } = await kernel.head()
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => kernel.post('/v1/sales', saleOf(centre.sessionId), key)),
    )
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
    expect(answers.filter(({ headers }) => headers['idempotency-replayed'] === undefined).length).toBe(1)
    expect((await kernel.head()).position).toBe(position + 1)
  })

  test('of a refused act is free for the corrected one', async () => {
    const key = { 'idempotency-key': newId() }
    expect((await kernel.post('/v1/sales', { ...saleOf(centre.sessionId), totalCents: 1 }, key)).status).toBe(422)
    expect((await kernel.post('/v1/sales', saleOf(centre.sessionId), key)).status).toBe(201)
  })

  test('does not mind the order of the fields', async () => {
    const key = { 'idempotency-key': newId() }
    const body = saleOf(centre.sessionId)
    await centre.must(kernel.post('/v1/sales', body, key))
    const turned = Object.fromEntries(Object.entries(body).reverse())
    expect((await kernel.post('/v1/sales', turned, key)).headers['idempotency-replayed']).toBe('true')
  })

  test('of a copy gives that copy again, although another one was printed since', async () => {
    const { saleId } = await centre.sell()
    const path = `/v1/sales/${saleId}/copies`
    const key = { 'idempotency-key': newId() }
    const first = await kernel.post(path, undefined, key)
    await centre.must(kernel.post(path))
    expect((await kernel.post(path, undefined, key)).json.copy).toBe(first.json.copy)
  })
})

test('takings as CSV are the same rows as in JSON', async () => {
  await centre.must(
    kernel.put('/v1/categories/piege', {
      shortName: 'Piège',
      officialName: 'Bric, "broc" & =1+1',
      eee: 'none',
      shownAtSale: true,
      shownAtReception: true,
    }),
  )
  const lines = [{ categoryId: 'piege', qty: 3, unitCents: 100, grams: 250 }]
  await centre.must(kernel.post('/v1/sales', { ...saleOf(centre.sessionId), lines }))
  for (const by of ['day', 'category', 'method', 'register']) {
    const path = `/v1/reports/takings?from=2020-01-01&to=2099-12-31&by=${by}`
    const { rows } = (await kernel.get(path)).json
    const csv = await kernel.get(`${path}&format=csv`)
    expect(csv.headers['content-type']).toBe('text/csv; charset=utf-8')
    expect(csv.headers['content-disposition']).toMatch(/^attachment; filename="takings-\w+-[\d-]+\.csv"$/)
    const [header = [], ...cells] = readCsv(csv.text)
    const read = cells.map((row) => Object.fromEntries(header.map((column, n) => [column, row[n]])))
    const asText = rows.map((row: object) =>
      Object.fromEntries(Object.entries(row).map(([key, value]) => [key, String(value)])),
    )
    expect(read).toEqual(asText)
  }
})

test('/metrics is text for Prometheus, with the position of the ledger', async () => {
  await centre.sell()
  const { position } = await kernel.head()
  const { text, headers } = await kernel.get('/metrics')
  expect(headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/)
  expect(text).toContain(`\nrecyclique_ledger_position ${position}\n`)
  expect(text).toMatch(/recyclique_http_answers_total\{route="\/v1\/sales",method="POST",status="201"\} \d+/)
  for (const line of text.split('\n'))
    expect(line).toMatch(/^$|^# (HELP|TYPE) |^[a-zA-Z_:][\w:]*(\{.*\})? (-?[\d.e+-]+|NaN|[+-]Inf)$/)
})

test('HEAD says what GET would, without its body; there is none of the live facts', async () => {
  for (const path of ['/v1/sales', '/v1/posts/quai', '/healthz', '/openapi.json']) {
    const head = await kernel.send({ method: 'HEAD', path })
    const get = await kernel.get(path)
    expect([head.status, head.text]).toEqual([200, ''])
    for (const name of ['content-type', 'content-length']) expect(head.headers[name]).toBe(get.headers[name])
  }
  expect((await kernel.send({ method: 'HEAD', path: '/v1/live' })).status).toBe(404)
})

test('the live line tells a slow reader every fact in order, and heaps up no listeners', async () => {
  const warnings: string[] = []
  const hear = (warning: Error) => warnings.push(warning.message)
  process.on('warning', hear)
  for (let n = 0; n < 300; n += 50) await Promise.all(Array.from({ length: 50 }, () => centre.sell(1)))
  const { position } = await kernel.head()
  const answer = await fetch(`${kernel.url}/v1/live?from=1`)
  const told: number[] = []
  let text = ''
  for await (const part of answer.body ?? []) {
    text += Buffer.from(part).toString('latin1')
    const events = text.split('\n\n')
    text = events.pop() ?? ''
    for (const event of events) told.push(...[...event.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id)))
    if (told.length >= position) break
  }
  process.off('warning', hear)
  expect(told).toEqual(Array.from({ length: position }, (_, n) => n + 1))
  expect(warnings).toEqual([])
})

test('no other site may reach the API from a browser: OPTIONS is refused and no answer allows an origin', async () => {
  const headers = { origin: 'https://example.org', 'access-control-request-method': 'POST' }
  for (const [method, status] of [
    ['OPTIONS', 404],
    ['GET', 200],
  ] as const) {
    const answer = await kernel.send({ method, path: '/v1/sales', headers })
    expect(answer.status).toBe(status)
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control-'))).toEqual([])
  }
})

test('every answer bears its request id, the same as in its problem', async () => {
  const { headers, json } = await kernel.get('/v1/licornes')
  expect(headers['x-request-id']).toBe(json.requestId)
  expect((await kernel.get('/healthz')).headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
})

/** The tree that Fastify prints → `GET /v1/sales` … */
const routesIn = (tree: string): string[] => {
  const above: string[] = []
  return tree.split('\n').flatMap((line) => {
    const [, indent = '', part = '', methods = ''] = /^([│├└─\s]*)(\S+) \(([A-Z, ]+)\)$/.exec(line) ?? []
    if (part === '') return []
    const depth = indent.length / 4 - 1
    above.length = depth
    above[depth] = part
    const path = above.join('').replace(/:(\w+)/g, '{$1}')
    return methods.split(', ').map((method) => `${method} ${path}`)
  })
}

/** RFC 4180, as strictly as a spreadsheet of another house would read it. */
const readCsv = (text: string): string[][] => {
  expect(text.startsWith('\uFEFF')).toBe(true)
  expect(text.endsWith('\r\n')).toBe(true)
  const lines = text.slice(1, -2).split('\r\n')
  return lines.map((line) =>
    [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)].map(
      ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
    ),
  )
}
