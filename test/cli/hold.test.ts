import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { holdModules } from '../../cli/up/hold.ts'
import type { Bus } from '../../cli/up/start-bus.ts'
import { manifestOf } from '../conformance/workshop-folders.ts'
import { until } from '../support/wait.ts'

test('a setting that the kernel shows only when the module has come counts as soon as somebody can act on it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'recyclique-hold-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  let items: object[] = []
  const kernel = createServer((request, response) => {
    const isConfig = request.url?.endsWith('/config')
    response.writeHead(isConfig ? 200 : 404, { 'content-type': 'application/json' })
    response.end(JSON.stringify(isConfig ? { module: 'visitor', isKnown: true, items } : {}))
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void kernel.close())
  await until(() => kernel.listening)

  const hold = holdModules({
    run: { options: { data: folder }, screen: { say: () => {} } } as never,
    bus: { url: 'nats://127.0.0.1:4222', isReduced: true } as Bus,
    kernelUrl: `http://127.0.0.1:${(kernel.address() as AddressInfo).port}`,
  })
  const manifest = manifestOf('visitor', {
    permissions: { listen: ['config:port'] },
    config: { type: 'object', properties: { port: { type: 'integer' } } },
  })
  const begin = () => hold.begin({ name: 'visitor', folder: 'modules/live-figures', manifest } as never)
  const { hear } = await begin()

  items = [{ key: 'port', value: 8012, secret: false, origin: 'recyclique config set', by: 'manager' }]
  hear('{"msg":"admitted"}')
  // Asked later, and about as much: what came of the first is known by then.
  for (let n = 0; n < 3; n += 1) await begin()

  const changed: string[] = []
  hold.onChange(async (name) => void changed.push(name))
  await until(() => changed.length > 0)
  expect(changed).toEqual(['visitor'])
})
