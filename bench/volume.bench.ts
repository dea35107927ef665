import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { KERNEL_ENV, KERNEL_FLAGS } from './support/as-up-does.ts'
import { fillLedger } from './support/fill-ledger.ts'

/**
 * A centre after five years: 250,000 sales with 750,000 lines. How long the kernel takes to start on them, what it holds in memory,
 * how long a month's reports take over HTTP, and how long `ledger verify` takes. `npm run bench:volume`; `SALES=20000` for a taste;
 * `VOLUME_DATA=dir` keeps the filled ledger for the next run.
 */
const SALES = Number(process.env.SALES ?? 250_000)
const dataDir = process.env.VOLUME_DATA ?? join(tmpdir(), `recyclique-volume-${SALES}`)

const timed = async <T>(work: () => Promise<T>): Promise<{ value: T; ms: number }> => {
  const begin = performance.now()
  const value = await work()
  return { value, ms: performance.now() - begin }
}

const startKernel = async (): Promise<{ child: ChildProcess; url: string }> => {
  const env = { ...process.env, RECYCLIQUE_DATA: dataDir, RECYCLIQUE_PORT: '0', LOG_LEVEL: 'warn' }
  const child = fork(new URL('../kernel/main.ts', import.meta.url), {
    env: { ...env, ...KERNEL_ENV },
    execArgv: KERNEL_FLAGS,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const [message] = (await once(child, 'message')) as [{ ready: { url: string } }]
  return { child, url: message.ready.url }
}

const residentMb = ({ pid }: ChildProcess): number => {
  const line = readFileSync(`/proc/${pid}/status`, 'utf8')
    .split('\n')
    .find((one) => one.startsWith('VmRSS'))
  return Math.round(Number(line?.replace(/\D/g, '')) / 1024)
}

const stop = async (child: ChildProcess) => {
  child.kill('SIGTERM')
  await once(child, 'exit')
}

if (!existsSync(join(dataDir, 'ledger.sqlite'))) {
  mkdirSync(dataDir, { recursive: true })
  const filled = await timed(() => fillLedger(dataDir, SALES))
  console.log(`filled with ${SALES} sales in ${(filled.ms / 1000).toFixed(0)} s`)
}

// Twice: the first start after an upgrade compiles, every other one finds that done.
await stop((await startKernel()).child)

const rows: Record<string, string | number>[] = []
const started = await timed(startKernel)
const { child, url } = started.value
rows.push({ what: 'start until the first request is taken', ms: Math.round(started.ms) })
rows.push({ what: 'resident memory after the start, MB', ms: residentMb(child) })

const month = 'from=2025-06-01&to=2025-06-30'
for (const path of [
  `/v1/reports/takings?${month}&by=category`,
  `/v1/reports/takings?${month}&by=day`,
  `/v1/reports/takings?${month}&by=method`,
  `/v1/stock?${month}`,
  '/v1/reports/takings?from=2021-01-01&to=2025-12-31&by=category',
]) {
  const times: number[] = []
  for (let round = 0; round < 5; round += 1) {
    const { ms } = await timed(async () => {
      const response = await fetch(url + path)
      if (!response.ok) throw new Error(await response.text())
      await response.text()
    })
    times.push(ms)
  }
  rows.push({
    what: `GET ${path}`,
    first: Math.round(times[0] ?? 0),
    ms: Math.round(times.sort((a, b) => a - b)[2] ?? 0),
  })
}
rows.push({ what: 'resident memory after the reports, MB', ms: residentMb(child) })
await stop(child)

const verify = fork(new URL('../kernel/tools.ts', import.meta.url), ['verify', '--data', dataDir], { stdio: 'inherit' })
const verified = await timed(() => once(verify, 'exit'))
rows.push({ what: `ledger verify (exit code ${verified.value[0]})`, ms: Math.round(verified.ms) })
console.table(rows)
