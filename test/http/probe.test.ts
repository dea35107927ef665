import { test } from 'vitest'
import { openRealKernel, saleOf, setUp } from './real-kernel.ts'

test('probe', async () => {
  const k = await openRealKernel()
  const c = await setUp(k)
  const show = async (name: string, p: Promise<any>) => {
    const a = await p.catch((e: Error) => ({ status: -1, text: e.message, headers: {} }))
    console.log(name, '→', a.status, a.headers['content-type'], String(a.text).slice(0, 300), a.text.length)
  }
  const post = { method: 'POST', path: '/v1/sales' }
  const s = JSON.stringify(saleOf(c.sessionId))
  for (const limit of [
    '0',
    '501',
    '-1',
    'abc',
    '1.5',
    '',
    '1e2',
    '0x10',
    '%207',
    'true',
    'null',
    '1&limit=2',
    '99999999999999999999',
  ])
    await show('limit=' + limit, k.get('/v1/sales?limit=' + limit))
  for (const after of ['abc', '-1', '1e2', '0x10', '1.5', '~'])
    await show('after=' + after, k.get('/v1/sales?after=' + after))
  for (const after of ['abc', '-5']) await show('ledger after=' + after, k.get('/v1/ledger?limit=1&after=' + after))
  await show('mov', k.get('/v1/movements?after=2026-13-45.1.1'))
  await show('sales period', k.get('/v1/sales?from=2026-02-30'))
  await show('sales period', k.get('/v1/sales?from=2026-02-20&to=2026-01-01'))
  await show('text/plain', k.send({ ...post, raw: s, headers: { 'content-type': 'text/plain' } }))
  await show('xml', k.send({ ...post, raw: s, headers: { 'content-type': 'application/xml' } }))
  await show('none', k.send({ ...post, raw: s, headers: { 'content-type': undefined } }))
  await show('empty json', k.send({ ...post, raw: '', headers: { 'content-type': 'application/json' } }))
  await show('no body', k.send({ ...post }))
  await show('broken', k.send({ ...post, raw: '{"a":' }))
  await show('proto', k.send({ ...post, raw: '{"__proto__":{"x":1}}' }))
  await show('ctor', k.send({ ...post, raw: '{"constructor":{"prototype":{"x":1}}}' }))
  await show('ctor2', k.send({ ...post, raw: '{"constructor":1}' }))
  await show(
    'latin1',
    k.send({ method: 'PUT', path: '/v1/posts/quai', raw: Buffer.from('{"name":"Dép\u00f4t"}', 'latin1') }),
  )
  await show('bom', k.send({ method: 'PUT', path: '/v1/posts/quai', raw: '\ufeff{"name":"Quai"}' }))
  await show('nan', k.send({ ...post, raw: '{"a":NaN}' }))
  await show('1e400', k.send({ ...post, raw: s.replace('300', '1e400') }))
  await show('big', k.send({ ...post, raw: s.replace('300', '9007199254740993') }))
  await show(
    '-0',
    k.send({ method: 'POST', path: '/v1/cash-sessions', raw: '{"registerId":"caisse-2","floatCents":-0}' }),
  )
  await show('deep', k.send({ ...post, raw: '['.repeat(400000) + ']'.repeat(400000) }))
  await show('deep obj', k.send({ ...post, raw: '{"a":'.repeat(150000) + '1' + '}'.repeat(150000) }))
  await show(
    'name 1MB',
    k.send({ method: 'PUT', path: '/v1/posts/quai', raw: JSON.stringify({ name: 'x'.repeat(1_000_000) }) }),
  )
  await show(
    'name 1MB emoji',
    k.send({ method: 'PUT', path: '/v1/posts/quai', raw: JSON.stringify({ name: '😀'.repeat(260_000) }) }),
  )
  await show('note 1MB emoji', k.post(`/v1/sales`, { ...saleOf(c.sessionId), note: '😀'.repeat(260_000) }))
  await show(
    'key 1MB',
    k.send({
      method: 'PUT',
      path: '/v1/posts/quai',
      raw: JSON.stringify({ name: 'Quai', ['x'.repeat(1_000_000)]: 1 }),
    }),
  )
  const { saleId } = await c.sell()
  const { depositId, lineId } = await c.receive()
  const close = { method: 'POST', path: `/v1/deposits/${depositId}/close` }
  await show('close surrogate', k.send({ ...close, raw: '{"a":"\\ud800"}' }))
  await show('close 1e400', k.send({ ...close, raw: '{"a":1e400}' }))
  await show('close deep', k.send({ ...close, raw: '['.repeat(400000) + ']'.repeat(400000) }))
  await show('copies string', k.send({ method: 'POST', path: `/v1/sales/${saleId}/copies`, raw: '"hello"' }))
  await show(
    'copies text',
    k.send({
      method: 'POST',
      path: `/v1/sales/${saleId}/copies`,
      raw: 'hello',
      headers: { 'content-type': 'text/plain' },
    }),
  )
  await show('close json empty', k.send({ ...close, raw: '', headers: { 'content-type': 'application/json' } }))
  for (const path of [
    '/v1/sales/%zz',
    '/v1/sales/' + 'a'.repeat(200),
    '/v1/sales/' + 'a'.repeat(100),
    '/v1/sales/..%2f..%2fetc%2fpasswd',
    '/v1/../../etc/passwd',
    '/docs/static/..%2f..%2f..%2fpackage.json',
    '/docs/static/../../../package.json',
    '/docs/static/%00',
    '/m/%0d%0aSet-Cookie:x',
    '/m/%E2%82%AC',
    '/m/nope/x',
    '/m/%zz/',
    '/v1/modules/nope',
    '/v1/nope',
    '//',
    '/',
    '/v1/categories/%00',
    '/v1/sales/' + 'a'.repeat(20000),
    '/v1/categories/__proto__',
  ])
    await show(path.slice(0, 60), k.get(path))
  for (const method of ['OPTIONS', 'HEAD', 'TRACE', 'PATCH', 'DELETE', 'PROPFIND'])
    await show(method, k.send({ method, path: '/v1/sales' }))
  await show('POST healthz', k.send({ method: 'POST', path: '/healthz' }))
  for (const id of ['x', '%20', '-1', '0x10', '1e400', ' ', '1.5']) {
    const p = k.get('/v1/live', { 'last-event-id': id })
    await show(
      'live ' + id,
      Promise.race([p, new Promise((r) => setTimeout(() => r({ status: 200, text: 'open', headers: {} }), 300))]),
    )
  }
  await show(
    'correct',
    k.post(`/v1/deposits/${depositId}/lines/${lineId}/corrections`, {
      expectedNetGrams: 5000,
      after: { categoryId: 'textile', grossGrams: 'x' },
    }),
  )
  await show('newline name', k.put('/v1/posts/quai', { name: 'a\nb' }))
  await show('two actors', k.get('/v1/sales', {}))
  await show('actor utf8', k.post('/v1/sales', saleOf(c.sessionId), { 'recyclique-actor': 'Zo\u00eb' }))
  console.log(k.troubles.map((t) => t.slice(0, 900)))
  console.log(JSON.stringify(await k.verify()))
  await k.close()
}, 60000)
