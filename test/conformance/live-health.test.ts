import { expect, onTestFinished, test } from 'vitest'
import { startKernelProcess } from '../support/kernel-process.ts'
import { until } from '../support/wait.ts'
import { envFor, openCentre, openStage } from './live/centre.ts'
import { part } from './live/part.ts'

/** Many processes start one after the other. */
const PATIENT = { timeout: 60_000 }

const ill = { ok: false, words: 'the scale is not there', details: { port: 'none' } }
const well = { ok: true, details: { queue: 3 } }

test('O112 of three modules one is not well: the whole is not, and each says how it is', PATIENT, async () => {
  const { start, are, api } = await openCentre({ RECYCLIQUE_REQUIRED_MODULES: 'till,scale,post' })
  await start(part('till', {}, { health: well }))
  const scale = await start(part('scale', {}, { health: ill }))
  await start(part('post', {}))
  await are('active', 'till', 'post')
  await are('degraded', 'scale')

  const sick = await api('GET', '/v1/control/health')
  expect(sick.status).toBe(503)
  expect(sick.body).toMatchObject({
    ok: false,
    modules: [
      { name: 'post', ok: true, details: {} },
      { name: 'scale', ok: false, words: 'scale-1 says that it is not well: the scale is not there.' },
      { name: 'till', ok: true, details: { 'till-1': well.details } },
    ],
  })
  expect(sick.body.modules[1].details).toEqual({ 'scale-1': ill.details })

  await scale.cue({ health: { ok: true } })
  await until(async () => (await api('GET', '/v1/control/health')).status === 200, 15_000)
  expect((await api('GET', '/v1/control/health')).body.ok).toBe(true)
})

test('O113 a required module whose health fails at the start makes the start fail', async () => {
  const { server, start } = await openStage()
  const scale = await start(part('scale', {}, { health: ill }))
  await scale.cue({ health: ill })
  const kernel = await startKernelProcess({
    env: {
      ...envFor(server),
      ...{ RECYCLIQUE_REQUIRED_MODULES: 'scale', RECYCLIQUE_REQUIRED_WITHIN_MS: '6000', RECYCLIQUE_STRICT_START: '1' },
    },
  })
  onTestFinished(kernel.done)
  const isOver = () =>
    kernel.api('GET', '/healthz').then(
      () => false,
      () => true,
    )
  await until(isOver, 20_000)

  expect(await kernel.stop()).toBe(69)
  expect(kernel.log()).toContain('required modules are not at work')
  expect(kernel.log()).toContain('scale-1 says that it is not well: the scale is not there')
})

test('O113 where the operator does not insist the kernel says what is missing, and the till sells', async () => {
  const settings = { RECYCLIQUE_REQUIRED_MODULES: 'scale', RECYCLIQUE_REQUIRED_WITHIN_MS: '1' }
  const { start, api, get, are } = await openCentre(settings)
  await start(part('scale', {}, { health: ill }))
  await are('degraded', 'scale')

  expect(await get('/readyz')).toMatchObject({
    status: 'degraded',
    reasons: [expect.stringMatching(/^module scale is required and not at work: .*the scale is not there/)],
  })
  expect((await api('PUT', '/v1/registers/caisse-1', { name: 'Caisse 1' })).status).toBe(200)
  const opened = await api('POST', '/v1/cash-sessions', { registerId: 'caisse-1', floatCents: 0 })
  expect(opened.status).toBe(201)
})

const PAGES = ['health', 'version', 'heartbeat', 'environ']

for (const page of PAGES)
  test(`O114 ${page} can be switched off on its own, and is not there then`, async () => {
    const others = PAGES.filter((one) => one !== page)
    const kernel = await startKernelProcess({ env: { RECYCLIQUE_CONTROL: others.join(',') } })
    onTestFinished(kernel.done)

    for (const one of others) expect((await kernel.api('GET', `/v1/control/${one}`)).status).toBe(200)
    expect((await kernel.api('GET', `/v1/control/${page}`)).status).toBe(404)
  })
