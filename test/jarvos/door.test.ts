import { join } from 'node:path'
import { Writable } from 'node:stream'
import { type Logger, pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDoor } from '../../modules/jarvos/door.ts'
import { jarvos } from '../../modules/jarvos/module.ts'
import { moduleEnv, startChild } from '../modules/child.ts'
import { until } from '../support/wait.ts'
import { connect, type Jarvos, manifest, openJarvos, startAs } from './support.ts'

let room: Jarvos
let token: string
beforeAll(async () => {
  room = await openJarvos()
  token = await room.token('claude')
})
afterAll(() => room.close())

const port = () => Number(new URL(room.url).port)

test('without the right to listen it says which one, and how it is granted, and the module is not well', async () => {
  const guard = join(import.meta.dirname, '../../cli/limits/guard/main.ts')
  const net = [new URL(room.centre.server.url).host]
  const child = startChild('modules/jarvos/main.ts', {
    ...(await moduleEnv(room.centre.server, 'jarvos', 'jarvos-held')),
    RECYCLIQUE_MODULE_CONFIG: JSON.stringify({ port: 0 }),
    NODE_OPTIONS: `--import=${guard}`,
    RECYCLIQUE_LIMITS: JSON.stringify({ module: 'jarvos', net, listen: [] }),
  })
  const line = await child.lines.first((one) => one.includes('assistants cannot come in yet'))
  expect(JSON.parse(line).reason).toMatch(
    /right to listen there is not granted.*modules grant jarvos "listen:\*:config:port"/,
  )
  // The kernel asks every ten seconds.
  const view = await until(async () => {
    const seen = await room.centre.view('jarvos')
    return seen.state === 'degraded' ? seen : undefined
  }, 20_000)
  expect(view.reasons.join('\n')).toMatch(/jarvos-held says that it is not well: .*not granted/)
  child.process.kill('SIGTERM')
  await child.ended
})

test('an address that this machine has not is named, with what to set', async () => {
  const settings = { ...{ host: '192.0.2.1', port: 0, names: [], callsPerMinute: 1, sessions: 1, idleSeconds: 1 } }
  const opening = openDoor({
    settings: () => ({ ...settings, confirmSeconds: 5 }),
    tokens: { authorOf: async () => undefined },
    makeServer: () => expect.unreachable(),
    now: () => 0,
    log: pino({ level: 'silent' }),
  })
  await expect(opening).rejects.toThrow(/192\.0\.2\.1:0: this machine has no such address: set/)
})

test('a process that comes beside another one waits for its port, says so, and takes it as soon as it is free', async () => {
  const log = listening()
  const config = { port: port(), callsPerMinute: 6_000 }
  const module = jarvos(manifest)
  const second = await startAs(room.centre, module, { instance: 'jarvos-2', log: log.log, config })
  await until(() => log.text().includes('assistants cannot come in yet'))
  expect(await module.tellsHealth?.()).toMatchObject({
    ok: false,
    words: expect.stringMatching(/another process has it/),
  })
  await connect(room.url, token)
  await room.running.stop()
  await until(() => log.text().includes('assistants are welcome'))
  expect((await (await connect(room.url, token)).listTools()).tools.length).toBeGreaterThan(0)
  expect(await module.tellsHealth?.()).toEqual({ ok: true })
  // However often it looked, it was said once.
  expect(log.text().match(/cannot come in yet/g)).toHaveLength(1)
  await second.stop()
})

const listening = (): { log: Logger; text: () => string } => {
  let written = ''
  const into = new Writable({
    write(chunk, _, done) {
      written += chunk
      done()
    },
  })
  return { log: pino({ level: 'info' }, into), text: () => written }
}
