import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { inLedger } from '../integration/centre.ts'
import { type Child, startChild } from '../modules/child.ts'
import { until } from '../support/wait.ts'
import { apiOf, envFor, openStage } from './live/centre.ts'
import { hookOf, part } from './live/part.ts'

/** Many processes start one after the other. */
const PATIENT = { timeout: 60_000 }

const TOLD = hookOf('lab.told', { historic: { maxCount: 10 }, dispatch: 'parallel', onError: 'skip' })
const heardAll = {
  'lab.told': { does: 'answer', value: 'heard' },
  'kernel.started': { does: 'answer', value: 'up' },
} as const

/** A kernel that is killed, and comes back on the same disk. */
const openKernels = async () => {
  const { server, start } = await openStage()
  const dataDir = join(server.folder, 'kernel')
  let kernel: Child
  let url = ''
  const begin = async () => {
    kernel = startChild('test/conformance/live/telling-kernel.ts', { ...envFor(server), RECYCLIQUE_DATA: dataDir })
    const line = await Promise.race([
      kernel.lines.first((one) => one.startsWith('ready')),
      kernel.ended.then(() => kernel.complaints()),
    ])
    url = line.slice('ready '.length)
  }
  const kill9 = async () => {
    kernel.process.kill('SIGKILL')
    await kernel.ended
  }
  await begin()
  onTestFinished(kill9)
  const tell = async (n: number) => {
    const line = JSON.stringify({ hook: TOLD.name, args: { n } })
    kernel.process.stdin?.write(`${line}\n`)
    await kernel.lines.first((one) => one === `asked ${line}`)
  }
  /** Kept behind the back of whoever asks: a kill before that may lose it. */
  const isKept = (n: number) =>
    until(() =>
      inLedger(
        dataDir,
        (db) => db.prepare('SELECT 1 FROM hook_call WHERE args = ?').get(JSON.stringify({ n })) ?? false,
      ),
    )
  return { start, tell, isKept, begin, kill9, ...apiOf(() => url) }
}

test(
  'X09 the kernel is killed among living modules: ranks, orders and history are back, and nobody is told anything twice',
  PATIENT,
  async () => {
    const { start, tell, isKept, begin, kill9, api, view, are, planText } = await openKernels()
    const lab = await start(part('lab', {}, { specs: [TOLD] }))
    await are('active', 'lab')
    const naughty = await start(part('naughty', { 'lab.told': heardAll['lab.told'] }, { knows: [TOLD] }))
    await are('active', 'naughty')
    const eager = part('eager', heardAll, { knows: [TOLD], requires: { lab: '*' } })
    const hearer = await start(eager)
    await are('active', 'eager')
    expect((await api('POST', '/v1/modules/naughty/block', { reason: 'it is loud' })).status).toBe(200)
    await api('PUT', '/v1/hooks/lab.told/marks/eager', { need: 'required' })
    await tell(1)
    await tell(2)
    await isKept(2)
    const before = { plan: await planText('lab.told'), ranks: await ranksOf(view) }
    const toldBefore = hearer.did.got.length

    await kill9()
    await begin()
    await are('active', 'lab', 'eager')
    await are('blocked', 'naughty')

    expect({ plan: await planText('lab.told'), ranks: await ranksOf(view) }).toEqual(before)
    expect(JSON.parse(before.plan)).toMatchObject([{ module: 'eager', need: 'required' }])
    expect((await view('naughty')).reasons).toEqual(['An operator blocked it: it is loud.'])
    const { instances } = await view('eager')
    expect(instances.map(({ id }) => id)).toEqual(['eager-1'])

    // What comes now comes behind everything that was told anew; a newcomer hears the past as well.
    await tell(3)
    const newcomer = await start({ ...eager, instance: 'eager-2' })
    await until(async () => (await view('eager')).instances.filter(({ state }) => state === 'active').length === 2)
    expect(toldTo(hearer)).toEqual([1, 2, 3])
    expect(toldTo(newcomer)).toEqual([1, 2, 3])
    expect(startsTold(hearer)).toBe(2)
    expect(startsTold(newcomer)).toBe(1)
    expect(toldBefore).toBe(3)
    expect(naughty.did.got).toEqual([])
    // Nobody was started anew: those processes have not ended.
    for (const { pid } of [lab, naughty, hearer]) expect(process.kill(pid, 0)).toBe(true)
  },
)

type Actor = Awaited<ReturnType<Awaited<ReturnType<typeof openKernels>>['start']>>

const toldTo = ({ did }: Actor) => did.got.filter(({ handler }) => handler === 'lab.told').map(({ args }) => args.n)
const startsTold = ({ did }: Actor) => did.got.filter(({ handler }) => handler === 'kernel.started').length

const ranksOf = async (view: (name: string) => Promise<{ rank?: number }>) =>
  Promise.all(['lab', 'naughty', 'eager'].map(async (name) => (await view(name)).rank))
