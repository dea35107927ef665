import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { apiAt } from '../../cli/api.ts'
import { findNatsServer, startNatsServer } from '../../cli/nats-server.ts'
import { isAlive } from '../../cli/up/process-group.ts'
import { canSeeProcesses, processesWith } from './support/processes.ts'
import { makeUps, type StartedUp, type Ups, until } from './support/up.ts'

let ups: Ups
beforeEach(async () => {
  ups = await makeUps()
})
afterEach(() => ups.clean())

const quick = ['--no-demo', '--modules', 'none']
const answers = (url: string) =>
  fetch(`${url}/healthz`).then(
    ({ ok }) => ok,
    () => false,
  )
const onlyOne = (up: StartedUp, what: string): number => {
  const [seen, ...others] = up.who(what)
  expect(others).toEqual([])
  return seen!.pid
}
const openTill = async (url: string) => {
  const api = apiAt(url)
  await api.put('/v1/registers/caisse-1', { body: { name: 'Caisse 1' } })
  await api.put('/v1/categories/livre', {
    body: { shortName: 'Livre', officialName: 'Livre', eee: 'none', shownAtSale: true, shownAtReception: true },
  })
  const key = crypto.randomUUID()
  const body = { registerId: 'caisse-1', floatCents: 5000 }
  return (await api.post<{ sessionId: string }>('/v1/cash-sessions', { key, body })).sessionId
}
const sell = (url: string, sessionId: string, cents = 250) =>
  apiAt(url).post<{ number: number }>('/v1/sales', {
    key: crypto.randomUUID(),
    body: {
      sessionId,
      lines: [{ categoryId: 'livre', qty: 1, unitCents: cents }],
      totalCents: cents,
      payments: [{ methodId: 'cash', cents }],
    },
  })

describe.runIf(canSeeProcesses)('recyclique up', { timeout: 120_000 }, () => {
  test('starts everything, says so in one tree, sells, and leaves nothing behind after Ctrl-C', async () => {
    const up = ups.up('--no-demo')
    const url = await up.url()

    expect(up.text()).toMatch(
      /\nRecyclique \d+\.\d+\.\d+ +\d+ ms\n├─ nats-server \S+ \(\w+\) +\d+ ms {2}nats:\/\/127\.0\.0\.1:\d+\n├─ kernel +\d+ ms {2}http:\/\/127\.0\.0\.1:\d+ {3}\(ledger: \d+ facts\)\n└─ modules\n {3}└─ live-figures /,
    )
    expect(await sell(url, await openTill(url))).toMatchObject({ number: 1 })

    up.process.kill('SIGINT')
    expect(await up.code).toBe(0)
    expect(up.text()).toContain('everything has stopped')
    expect(processesWith(ups.folder)).toEqual([])
    expect(await answers(url)).toBe(false)
  })

  test('a module hears a sale that was made over HTTP', async () => {
    const up = ups.up('--no-demo')
    const url = await up.url()
    await sell(url, await openTill(url), 730)

    const today = async () => (await fetch(`${url}/m/live-figures/today`)).text()
    await until('live-figures shows the sale', async () => (await today()).includes('730'))
  })

  test('nobody is left when the supervisor itself is killed with -9, and the next start finds the folder free', async () => {
    const up = ups.up('--no-demo')
    await up.url()
    expect(up.who('kernel/main.ts')).toHaveLength(1)

    up.process.kill('SIGKILL')
    const again = ups.up(...quick)
    await again.url()
    expect(onlyOne(again, 'kernel/main.ts')).toBeGreaterThan(0)
    expect(onlyOne(again, 'nats-server')).toBeGreaterThan(0)

    again.process.kill('SIGKILL')
    await until('all processes are gone', () => processesWith(ups.folder).length === 0)
  })

  test('a kernel that is killed comes back alone, on the same port, with every sale', async () => {
    const up = ups.up(...quick)
    const url = await up.url()
    const sessionId = await openTill(url)
    await sell(url, sessionId)
    const [kernel, server] = [onlyOne(up, 'kernel/main.ts'), onlyOne(up, 'nats-server')]

    process.kill(kernel, 'SIGKILL')
    await up.line(/kernel is back/)
    expect(onlyOne(up, 'kernel/main.ts')).not.toBe(kernel)
    expect(onlyOne(up, 'nats-server')).toBe(server)
    expect(await sell(url, sessionId)).toMatchObject({ number: 2 })
    const crashes = JSON.parse(readFileSync(join(ups.folder, 'run', 'crashes.json'), 'utf8'))
    expect(crashes).toMatchObject([{ name: 'kernel', how: 'ended by SIGKILL' }])
  })

  test('the till sells while the server is away, and the facts are told when it is back on its port', async () => {
    const up = ups.up(...quick)
    const url = await up.url()
    const sessionId = await openTill(url)
    const kernel = onlyOne(up, 'kernel/main.ts')

    process.kill(onlyOne(up, 'nats-server'), 'SIGKILL')
    expect(await sell(url, sessionId)).toMatchObject({ number: 1 })
    await up.line(/nats-server is back/)
    const relay = async () => ((await apiAt(url).get('/readyz')) as { relay: { behind: number } }).relay
    await until('everything is told', async () => (await relay()).behind === 0)
    expect(onlyOne(up, 'kernel/main.ts')).toBe(kernel)
  })

  test('a module that is killed comes back alone', async () => {
    const up = ups.up('--no-demo')
    await up.url()
    const module = onlyOne(up, 'modules/live-figures/main.ts')

    process.kill(module, 'SIGKILL')
    await up.line(/live-figures ended by SIGKILL: started again/)
    await until('there is another one', () => up.who('modules/live-figures/main.ts').some(({ pid }) => pid !== module))
  })

  test('a second one on the same data folder is refused, names the first, and says how to go on beside it', async () => {
    const up = ups.up(...quick)
    const url = await up.url()

    const second = ups.up(...quick)
    expect(await second.code).toBe(1)
    const who = `Recyclique already runs on this data folder (process ${up.process.pid}): ${ups.folder}, ${url}.`
    expect(second.text()).toContain(who)
    const dev = ups.dev('modules/live-figures')
    expect(await dev.code).toBe(1)
    expect(dev.text()).toContain(who)
    expect(dev.text()).toContain(`  npx recyclique dev modules/live-figures --data ${ups.folder}-2 --port 0`)
    expect(up.process.exitCode).toBeNull()
  })

  test('a port that is taken is named with the option, and nothing is left running', async () => {
    const up = ups.up(...quick)
    const { port } = new URL(await up.url())
    const other = await makeUps()
    try {
      const second = other.up(...quick, '--port', port)
      expect(await second.code).toBe(1)
      expect(second.text()).toMatch(new RegExp(`port ${port} on 127.0.0.1 is in use .* --port ${Number(port) + 1}`))
      expect(processesWith(other.folder)).toEqual([])
    } finally {
      await other.clean()
    }
  })

  test('a server of NATS_URL that has no keys is used in reduced mode, and the tree says so', async () => {
    const { path } = await findNatsServer({ env: process.env, say: () => {} })
    const configFile = join(ups.folder, 'foreign.conf')
    const store = JSON.stringify(join(ups.folder, 'foreign'))
    writeFileSync(configFile, `listen: "127.0.0.1:-1"\njetstream { store_dir: ${store} }\n`)
    const foreign = await startNatsServer({ path, configFile })
    try {
      const up = ups.upWith({ NATS_URL: foreign.url }, '--no-demo')
      const url = await up.url()
      expect(up.text()).toMatch(/├─ nats-server \(NATS_URL\) +\d+ ms {2}nats:\S+ {2}reduced mode/)
      expect(await sell(url, await openTill(url))).toMatchObject({ number: 1 })

      up.process.kill('SIGTERM')
      expect(await up.code).toBe(0)
      expect(isAlive(foreign.pid)).toBe(true)
    } finally {
      await foreign.stop()
    }
  })

  test('Ctrl-C during the start stops what was started', async () => {
    const up = ups.up('--no-demo')
    await until('the kernel is being started', () => up.who('kernel/main.ts').length === 1)
    up.process.kill('SIGINT')

    expect(await up.code).toBe(0)
    expect(processesWith(ups.folder)).toEqual([])
  })

  test('a second Ctrl-C ends everybody at once, and the echo of the first does not count', async () => {
    const up = ups.up(...quick)
    await up.url()
    // A kernel that is stopped cannot hear that it shall go.
    process.kill(onlyOne(up, 'kernel/main.ts'), 'SIGSTOP')
    up.process.kill('SIGINT')
    up.process.kill('SIGINT')
    await up.line(/stopping/)
    await new Promise((resolve) => setTimeout(resolve, 400))
    expect(up.process.exitCode).toBeNull()

    up.process.kill('SIGINT')
    expect(await up.code).toBe(130)
    await until('all processes are gone', () => processesWith(ups.folder).length === 0)
  })

  test('without a terminal the demo is offered in words and not loaded', async () => {
    const up = ups.up('--modules', 'none')
    const url = await up.url()

    await up.line(/npm start -- --demo, or npx recyclique demo/)
    expect(await apiAt(url).get('/v1/registers')).toMatchObject({ items: [] })
  })
})
