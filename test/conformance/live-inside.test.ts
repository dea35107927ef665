import { performance } from 'node:perf_hooks'
import { expect, test } from 'vitest'
import { openCentre } from './live/centre.ts'
import { hookOf, part } from './live/part.ts'

test('X11 twenty modules of 50 ms each are asked in parallel, and their answers stand in the order of the plan', async () => {
  const { start, are, get, hooks } = await openCentre()
  const fan = hookOf('lab.fan', { deadlineMs: 5_000, dispatch: 'parallel', onError: 'aggregate' })
  const names = Array.from({ length: 20 }, (_, nth) => `m${nth + 1}`)
  await start(part('lab', {}, { specs: [fan] }))
  await are('active', 'lab')
  const parts = names.map((value) =>
    part(value, { 'lab.fan': { does: 'answer', value, afterMs: 50 } }, { knows: [fan] }),
  )
  const hosts = [await start(...parts.slice(0, 10)), await start(...parts.slice(10))]
  await are('active', ...names)
  const { steps } = await get('/v1/hooks/lab.fan/plan')
  const planned = steps.map(({ module }: { module: string }) => module)
  expect([...planned].sort()).toEqual([...names].sort())

  const times: number[] = []
  for (const n of [1, 2, 3]) {
    const begunAt = performance.now()
    expect(await hooks.askByName('lab.fan', { n })).toEqual(planned)
    times.push(performance.now() - begunAt)
  }

  const best = Math.min(...times)
  console.info(`X11: twenty answers of 50 ms after ${times.map((ms) => ms.toFixed(0)).join(', ')} ms`)
  expect(best).toBeGreaterThan(49)
  // One after the other they would take a second. Alone on a machine it is well under 200 ms.
  expect(best).toBeLessThan(500)
  expect(hosts.map(({ did }) => did.got.length)).toEqual([30, 30])
})

test('X18 a module that serves one at a time asks its own question from inside: it is told no at once, and the next call works', async () => {
  const { start, are, hooks } = await openCentre()
  const echo = hookOf('loop.echo', { mode: 'driver', deadlineMs: 500 })
  const inner = { hook: 'loop.echo', args: { n: 2 } }
  const loop = await start(
    part('loop', { 'loop.echo': { does: 'rely', ...inner } }, { specs: [echo], asks: ['loop.echo'], concurrency: 1 }),
  )
  await are('active', 'loop')

  const begunAt = performance.now()
  await expect(hooks.askByName('loop.echo', { n: 1 })).rejects.toMatchObject({
    ...{ module: 'loop', kind: 'denied', code: 'called-from-inside' },
    message: expect.stringContaining('loop is in this chain of calls already'),
  })
  expect(performance.now() - begunAt).toBeLessThan(500)
  expect(loop.did.got.map(({ args }) => args.n)).toEqual([1])

  await loop.cue({ handler: 'loop.echo', play: { does: 'ask', ...inner } })
  expect(await hooks.askByName('loop.echo', { n: 3 })).toEqual({ kind: 'denied', code: 'called-from-inside' })
  await loop.cue({ handler: 'loop.echo', play: { does: 'answer', value: 'well' } })
  expect(await hooks.askByName('loop.echo', { n: 4 })).toBe('well')
})
