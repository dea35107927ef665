import { randomUUID } from 'node:crypto'
import type { ModuleOrdered } from '@recyclique/contracts'
import { OnKernelStarted, SaleValidate } from '@recyclique/contracts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { orderModule } from '../../kernel/registry/order-module.ts'
import { startTestServer, type TestModule, type TestServer } from '../support/nats.ts'
import { until } from '../support/wait.ts'
import { type Facts, type KernelSide, openFacts, startKernelSide } from './kernel-side.ts'
import { manifestOf, playModule } from './module-on-wire.ts'

let server: TestServer
let facts: Facts
let kernel: KernelSide
const known = new Map<string, TestModule>()

beforeEach(async () => {
  known.clear()
  server = await startTestServer()
  facts = await openFacts()
  kernel = await startKernelSide(server, facts)
})
afterEach(async () => {
  await kernel.stop()
  await facts.close()
  await server.stop()
})

const restartKernel = async (options: Parameters<typeof startKernelSide>[2] = {}) => {
  await kernel.stop()
  kernel = await startKernelSide(server, facts, options)
}

/** One process of a module that hears nothing, unless said. */
const play = async (instance: string, more: object = {}) => {
  const name = instance.replace(/-\d+$/, '')
  const credentials = known.get(name) ?? (await server.addModule(name))
  known.set(name, credentials)
  return playModule(credentials, instance, manifestOf(name, { hears: [], ...more }))
}

const VALIDATES = { answers: [{ hook: 'sale.validate', args: ['totalCents'] }] }
const A_SALE = {
  ...{ registerId: 'caisse-1', sessionId: '01890a5d-ac96-774b-bcce-b302099a8057', mode: 'live' as const },
  ...{ lines: [], totalCents: 500, donationCents: 0, payments: [] },
}
const ask = () => kernel.hooks.askInDetail('sale.validate', A_SALE)
const planned = (hook = 'sale.validate') => {
  const plan = kernel.hooks.book.plan(hook)
  return plan ? [...plan.wrappers, ...plan.steps].map(({ module, version }) => `${module} ${version}`) : undefined
}
const view = async (name: string) => (await kernel.registry.view(name))!
const stateOf = async (name: string) => (await view(name)).state
const transitions = async (name: string) => (await view(name)).transitions?.map(({ from, to }) => `${from} → ${to}`)
const order = async (said: ModuleOrdered) => {
  const id = randomUUID()
  await facts.ledger.append({ key: id, digest: id, actor: 'anne', id, body: said }, orderModule)
  await kernel.registry.ordered(said.module)
}
const allow = { v: { verdict: 'allow' as const } }

test('a module that is admitted is asked, and gets only what it asked for', async () => {
  const module = await play('stamps-1', VALIDATES)
  const heard = await module.answer(() => allow)
  expect(await module.announce()).toMatchObject({ state: 'admitted' })

  expect(await ask()).toMatchObject({ result: [{ verdict: 'allow' }] })
  expect(heard).toMatchObject([{ hook: 'sale.validate', handler: 'sale.validate', args: { totalCents: 500 } }])
})

test('the rank is given once and kept: over a restart of the kernel, whoever comes first', async () => {
  for (const name of ['older', 'newer']) await (await play(`${name}-1`, VALIDATES)).announce()
  expect(planned()).toEqual(['newer 1.0.0', 'older 1.0.0'])
  await restartKernel()

  await (await play('newer-2', VALIDATES)).announce()
  await (await play('older-2', VALIDATES)).announce()

  expect(planned()).toEqual(['newer 1.0.0', 'older 1.0.0'])
  expect([(await view('older')).rank, (await view('newer')).rank]).toEqual([1, 2])
})

test('each change of state is a fact, and what does not change is none', async () => {
  const module = await play('stamps-1', VALIDATES)
  await module.announce()
  await until(async () => (await transitions('stamps'))?.length === 2)
  await module.announce()
  module.bye('gone')
  await until(async () => (await transitions('stamps'))?.length === 3)

  expect(await transitions('stamps')).toEqual(['active → stopped', 'starting → active', 'discovered → starting'])
})

test('a manifest with many flaws is told all of them at once, and leaves nothing behind', async () => {
  await (await play('stamps-1', VALIDATES)).announce()
  const module = await play('broken-1', {
    requires: { stamps: 'soon' },
    specs: [
      { name: 'other.thing', version: 1, mode: 'collect', args: { type: 'object' }, deadlineMs: 100 },
      { name: 'broken.thing', version: 1, mode: 'first', args: { type: 'object', oneOf: [] }, deadlineMs: 100 },
    ],
    tells: [{ name: 'stamps.sold', version: 1, data: { type: 'object' } }],
    answers: [
      { hook: 'sale.validate', handler: 'a', args: ['colour'] },
      { hook: 'kernel.started', handler: 'a', isWrapper: true },
    ],
  })

  const { state, reasons } = await module.announce()

  expect(state).toBe('rejected')
  expect(reasons).toEqual([
    "'soon' (requires/stamps) is no range of versions.",
    "It tells 'stamps.sold': its own facts begin with 'broken.'.",
    "It brings the hook 'other.thing': its own hooks begin with 'broken.'.",
    expect.stringMatching(/^It brings the hook 'broken.thing': \/args\/oneOf is not taken here/),
    "Broken: it has two handlers 'a'.",
    "Broken: 'a' asks for 'colour': sale.validate has no such argument.",
    "Broken: 'a' cannot wrap kernel.started: it is historic.",
  ])
  expect(planned()).toEqual(['stamps 1.0.0'])
  expect(kernel.hooks.book.specOf('broken.thing')).toBeUndefined()
})

test('a hook that a module brings can be answered as long as it is there', async () => {
  const owner = await play('labels-1', {
    specs: [
      {
        ...{ name: 'labels.text', version: 1, mode: 'first', deadlineMs: 500, answer: { type: 'string' } },
        args: { type: 'object', properties: { code: { type: 'string' } }, required: ['code'] },
      },
    ],
  })
  const other = await play('words-1', { answers: [{ hook: 'labels.text', args: ['code'] }] })
  await other.answer(({ args }) => ({ v: `label ${args.code}` }))
  await other.announce()
  expect(planned('labels.text')).toEqual(['words 1.0.0'])
  await expect(kernel.hooks.askByName('labels.text', { code: '7' })).rejects.toMatchObject({ code: 'hook-unknown' })

  await owner.announce()
  expect(await kernel.hooks.askByName('labels.text', { code: '7' })).toBe('label 7')

  owner.bye('gone')
  await until(async () => (await stateOf('labels')) === 'stopped')
  await expect(kernel.hooks.askByName('labels.text', { code: '7' })).rejects.toMatchObject({ code: 'hook-unknown' })
})

test('two processes of a module are one step; when one dies its question fails at once, and the other goes on', async () => {
  const first = await play('stamps-1', VALIDATES)
  const second = await play('stamps-2', VALIDATES)
  await first.answer(() => undefined)
  await first.announce()
  const waiting = ask()
  await until(async () => (await view('stamps')).instances[0]?.pending === 1)
  await second.answer(() => allow)
  await second.announce()
  expect(planned()).toEqual(['stamps 1.0.0'])

  await first.connection.close()

  // The hook is idempotent: who was not heard is asked once more, and the living one answers.
  expect((await waiting).result).toEqual([{ verdict: 'allow' }])
  expect(await stateOf('stamps')).toBe('active')
})

test('a module waits for the one that it needs, and is asked to announce itself as soon as that one is there', async () => {
  const needy = await play('figures-1', { ...VALIDATES, requires: { auth: '^2.0.0' } })
  const asked = await needy.hearControl()
  expect(await needy.announce()).toMatchObject({
    state: 'waiting',
    reasons: ["It waits for 'auth' ^2.0.0, which is not at work."],
  })
  expect(await stateOf('figures')).toBe('pending')

  for (const [instance, version] of [
    ['auth-1', '1.5.0'],
    ['auth-2', '3.0.0'],
    ['auth-3', '2.1.0-rc.1'],
  ] as const) {
    const wrong = await play(instance, { version })
    await wrong.announce()
    expect((await needy.announce()).reasons).toEqual([`It waits for 'auth' ^2.0.0; at work is ${version}.`])
    wrong.bye('gone')
    await until(async () => (await stateOf('auth')) === 'stopped')
  }
  expect(asked()).toBe(0)

  await (await play('auth-4', { version: '2.1.0' })).announce()
  await until(() => asked() === 1)
  expect(await needy.announce()).toMatchObject({ state: 'admitted' })
})

test('when a needed module goes, those who need it are out of the plans at once, and others are not touched', async () => {
  const auth = await play('auth-1', { version: '2.0.0' })
  await auth.announce()
  const needy = await play('figures-1', { ...VALIDATES, requires: { auth: '^2.0.0' } })
  await needy.announce()
  await (await play('stamps-1', VALIDATES)).announce()
  const asked = await needy.hearControl()

  auth.bye('draining')

  await until(() => asked() === 1)
  expect(planned()).toEqual(['stamps 1.0.0'])
  expect(await needy.announce()).toMatchObject({ state: 'waiting' })
  expect(await view('figures')).toMatchObject({
    ...{ state: 'pending', reasons: ["It waits for 'auth' ^2.0.0, which is not at work."] },
  })
})

test('modules that need each other are all refused with the way round, and others start', async () => {
  const a = await play('a-1', { requires: { b: '*' } })
  const asked = await a.hearControl()
  expect((await a.announce()).state).toBe('waiting')
  const b = await play('b-1', { requires: { a: '*' } })

  expect(await b.announce()).toMatchObject({ state: 'rejected', reasons: ['It needs itself in the end: b → a → b.'] })
  await until(() => asked() === 1)
  expect(await a.announce()).toMatchObject({ state: 'rejected', reasons: ['It needs itself in the end: a → b → a.'] })
  expect((await (await play('stamps-1')).announce()).state).toBe('admitted')
})

test('two that cannot work beside each other: the second is refused, whichever of them says so', async () => {
  const first = await play('old-sync-1')
  await first.announce()
  const second = await play('new-sync-1', { conflicts: { 'old-sync': '*' } })
  expect((await second.announce()).reasons).toEqual(["It cannot work beside 'old-sync' 1.0.0."])
  first.bye('gone')
  await until(async () => (await stateOf('old-sync')) === 'stopped')
  expect((await second.announce()).state).toBe('admitted')
  expect((await first.announce()).reasons).toEqual(["'new-sync' 1.0.0 cannot work beside it."])
})

test('versions that an operator blocks are out and stay out over a restart, whoever else of the module works on; it says who did it', async () => {
  const old = await play('stamps-1', VALIDATES)
  await old.announce()
  await old.beWell()
  const asked = await old.hearControl()
  await order({ module: 'stamps', order: 'block', versions: '<1.2.0', reason: 'it prints nonsense' })

  expect(planned()).toEqual([])
  await until(() => asked() === 1)
  const words = `Version 1.0.0 is blocked here (<1.2.0) by anne: it prints nonsense. \`recyclique modules unblock stamps --versions '<1.2.0'\` lets it in.`
  expect(await old.announce()).toMatchObject({ state: 'blocked', reasons: [words] })
  expect(await view('stamps')).toMatchObject({
    ...{ state: 'blocked', blocked: false, reasons: [words] },
    blockedVersions: [{ versions: '<1.2.0', by: 'anne', reason: 'it prints nonsense', since: expect.any(String) }],
  })
  await restartKernel()
  expect((await old.announce()).state).toBe('blocked')
  const candidate = await play('stamps-2', { ...VALIDATES, version: '1.2.0-rc.1' })
  expect((await candidate.announce({ manifestHash: 'b'.repeat(64) })).state).toBe('blocked')
  const next = await play('stamps-3', { ...VALIDATES, version: '1.2.0' })
  expect((await next.announce({ manifestHash: 'c'.repeat(64) })).state).toBe('admitted')
  expect(planned()).toEqual(['stamps 1.2.0'])

  await order({ module: 'stamps', order: 'block', versions: '2.x' })
  await expect(order({ module: 'stamps', order: 'block', versions: 'the old ones' })).rejects.toThrow(
    "'the old ones' is no range of versions: write it as npm does, such as <1.2.0 or 1.3.x.",
  )
  await order({ module: 'stamps', order: 'unblock' })
  expect(await view('stamps')).not.toHaveProperty('blockedVersions')
})

test('a blocked module is out of the plans, and stays out over a restart until it is unblocked', async () => {
  const module = await play('stamps-1', VALIDATES)
  await module.announce()
  const asked = await module.hearControl()

  await order({ module: 'stamps', order: 'block', reason: 'it prints nonsense' })

  expect(planned()).toEqual([])
  await until(() => asked() === 1)
  expect(await module.announce()).toMatchObject({
    state: 'blocked',
    reasons: ['An operator blocked it: it prints nonsense.'],
  })
  await restartKernel()
  expect((await module.announce()).state).toBe('blocked')
  expect(await view('stamps')).toMatchObject({ state: 'blocked', blocked: true, rank: 1 })

  await order({ module: 'stamps', order: 'unblock' })
  await until(() => asked() === 2)
  expect((await module.announce()).state).toBe('admitted')
  expect(planned()).toEqual(['stamps 1.0.0'])
})

test('a disabled module rests, and a required one that is away makes the question fail', async () => {
  const module = await play('stamps-1', VALIDATES)
  await module.announce()
  await order({ module: 'stamps', order: 'disable' })
  expect((await module.announce()).state).toBe('disabled')
  expect(await ask()).toMatchObject({ result: [] })

  await order({ module: 'stamps', order: 'require', hook: SaleValidate.name })

  await expect(ask()).rejects.toMatchObject({ kind: 'unavailable' })
  await order({ module: 'stamps', order: 'release', hook: SaleValidate.name })
  expect(await ask()).toMatchObject({ result: [] })
})

test('a newer version takes over once it is well; what was asked before is answered by the old one, which then ends', async () => {
  const old = await play('stamps-1', VALIDATES)
  const held = Promise.withResolvers<void>()
  await old.answer(() => held.promise.then(() => allow))
  await old.announce()
  const told = await old.hearControl('drain')
  const slow = kernel.hooks.askInDetail('sale.validate', A_SALE)
  await until(async () => (await view('stamps')).instances[0]?.pending === 1)
  const next = await play('stamps-2', { ...VALIDATES, version: '1.1.0' })
  await next.answer(() => allow)
  let isWell = false
  await next.beWell(() => (isWell ? { ok: true } : { ok: false, words: 'no price list yet' }))
  const asked = await next.hearControl()

  expect(await next.announce()).toMatchObject({
    state: 'waiting',
    reasons: ['It takes over from 1.0.0 once it says that it is well.'],
  })
  await until(async () => (await view('stamps')).reasons.join().includes('no price list yet'))
  expect(planned()).toEqual(['stamps 1.0.0'])
  expect(await stateOf('stamps')).toBe('active')

  isWell = true
  await next.announce()
  await until(() => asked() === 1)
  expect(planned()).toEqual(['stamps 1.1.0'])
  expect(told()).toBe(0)
  held.resolve()
  expect((await slow).result).toEqual([{ verdict: 'allow' }])
  await until(() => told() === 1)
  expect((await next.announce()).state).toBe('admitted')
  expect(await view('stamps')).toMatchObject({ state: 'active', version: '1.1.0', rank: 1 })
})

test('what was asked before a process came is told to it first, and to nobody twice after a restart of the kernel', async () => {
  const started = { site: 'essai', program: '0.1.0', api: '0.1.0', startedAt: new Date().toISOString() }
  await kernel.hooks.askEver(OnKernelStarted, started)
  const module = await play('stamps-1', { answers: [{ hook: 'kernel.started' }] })
  const heard = await module.answer(() => ({ none: true }))

  expect((await module.announce()).state).toBe('replaying')
  await until(async () => (await stateOf('stamps')) === 'active')
  expect(heard).toMatchObject([{ seq: 1, args: started }])

  await restartKernel()
  expect((await module.announce({ historySeen: { 'kernel.started': 1 } })).state).toBe('admitted')
  const second = await play('stamps-2', { answers: [{ hook: 'kernel.started' }] })
  const also = await second.answer(() => ({ none: true }))
  await second.announce()
  await until(() => also.length === 1)
  expect(heard.length).toBe(1)
})

test('a process that says goodbye answers the calls that were begun with it, and is let go when they are over', async () => {
  const lab = {
    ...{ name: 'lab.asks', version: 1, mode: 'collect' as const, deadlineMs: 5_000 },
    ...{ args: { type: 'object', properties: {} }, answer: {} },
  }
  await (await play('lab-1', { specs: [lab] })).announce()
  const second = await play('second-1', { answers: [{ hook: 'lab.asks' }] })
  const first = await play('first-1', { answers: [{ hook: 'lab.asks' }] })
  const thinking = Promise.withResolvers<void>()
  const heard = await first.answer(async () => {
    await thinking.promise
    return { v: 'first' }
  })
  await second.answer(() => ({ v: 'second' }))
  const letGo = await second.hearControl('drain')
  await second.announce()
  await first.announce()

  const call = kernel.hooks.askByName('lab.asks', {})
  await until(() => heard.length === 1)
  second.bye('draining')
  await until(() => planned('lab.asks')?.length === 1)
  expect(letGo()).toBe(0)
  thinking.resolve()
  expect(await call).toEqual(['first', 'second'])
  await until(() => letGo() === 1)
})

test('a hook that comes back after the process that answers it: what was asked before is told then, once, also behind newer questions', async () => {
  const told = {
    ...{ name: 'lab.told', version: 1, mode: 'collect' as const, deadlineMs: 1_000 },
    ...{ historic: { maxCount: 5 }, args: { type: 'object', properties: { n: { type: 'integer' } } }, answer: {} },
  }
  const lab = await play('lab-1', { specs: [told] })
  await lab.announce()
  await kernel.hooks.askEver(kernel.hooks.book.specOf('lab.told')!, { n: 1 })
  lab.bye('gone')
  await until(async () => (await stateOf('lab')) === 'stopped')

  const module = await play('stamps-1', {
    answers: [{ hook: 'kernel.started' }, { hook: 'lab.told', isOptional: true }],
  })
  const heard = await module.answer(() => ({ none: true }))
  const called = await module.hearControl()
  await module.announce()
  const started = { site: 'essai', program: '0.1.0', api: '0.1.0', startedAt: new Date().toISOString() }
  await kernel.hooks.askEver(OnKernelStarted, started)
  expect(heard.map(({ hook }) => hook)).toEqual(['kernel.started'])

  await (await play('lab-2', { specs: [told] })).announce()
  await until(() => called() > 0)
  await module.announce({ historySeen: { 'kernel.started': heard[0]!.seq! } })
  await until(() => heard.length === 2)
  expect(heard[1]).toMatchObject({ hook: 'lab.told', args: { n: 1 } })
  await until(async () => (await stateOf('stamps')) === 'active')
  await kernel.hooks.askEver(kernel.hooks.book.specOf('lab.told')!, { n: 2 })
  expect(heard.map(({ hook, args }) => [hook, args.n])).toEqual([
    ['kernel.started', undefined],
    ['lab.told', 1],
    ['lab.told', 2],
  ])
})

test('a process that is not well, or that is silent, makes its module degraded, and the reasons say so', async () => {
  await restartKernel({ healthMs: 50 })
  const module = await play('stamps-1', VALIDATES)
  let words = 'the printer has no paper'
  await module.beWell(() => (words === '' ? { ok: true, details: { rolls: 2 } } : { ok: false, words }))
  await module.announce()
  await until(async () => (await stateOf('stamps')) === 'degraded')
  expect((await view('stamps')).reasons).toEqual(['stamps-1 says that it is not well: the printer has no paper.'])

  words = ''
  await until(async () => (await stateOf('stamps')) === 'active')
  expect((await view('stamps')).instances[0]?.health).toMatchObject({ ok: true, details: { rolls: 2 } })

  await module.answer(() => undefined)
  for (let turn = 0; turn < 3; turn += 1) await ask()
  await until(async () => (await stateOf('stamps')) === 'degraded')
  expect((await view('stamps')).breakers).toMatchObject([{ hook: 'sale.validate', state: 'open' }])
})

test('a process that died and another that came count as a restart; one that said goodbye does not', async () => {
  const first = await play('stamps-1')
  await first.announce()
  await first.connection.close()
  await until(async () => (await stateOf('stamps')) === 'stopped')
  const second = await play('stamps-2')
  await second.announce()
  expect((await view('stamps')).restarts).toEqual({ lastHour: 1, total: 1 })

  second.bye('draining')
  await second.connection.flush()
  second.bye('gone')
  await until(async () => (await stateOf('stamps')) === 'stopped')
  await (await play('stamps-3')).announce()
  expect((await view('stamps')).restarts).toEqual({ lastHour: 1, total: 1 })
})

test('what a process could not be reached with is told to it later, once', async () => {
  const started = { site: 'essai', program: '0.1.0', api: '0.1.0', startedAt: new Date().toISOString() }
  const module = await play('stamps-1', { answers: [{ hook: 'kernel.started' }] })
  await module.announce()
  await kernel.hooks.askEver(OnKernelStarted, started)
  expect((await view('stamps')).instances[0]?.state).toBe('suspect')
  const asked = await module.hearControl()
  const heard = await module.answer(() => ({ none: true }))

  module.beat()
  await until(() => asked() === 1)
  await module.announce()

  await until(() => heard.length === 1)
  await until(async () => (await view('stamps')).state === 'active')
  module.beat({ position: 7 })
  await until(async () => (await view('stamps')).instances[0]?.position === 7)
  expect([asked(), heard.length]).toEqual([1, 1])
})

test('a version that waits is called as soon as the one before it is gone', async () => {
  const old = await play('stamps-1', VALIDATES)
  await old.announce()
  const next = await play('stamps-2', { ...VALIDATES, version: '1.1.0' })
  const asked = await next.hearControl()
  expect((await next.announce()).state).toBe('waiting')

  await old.connection.close()

  await until(() => asked() === 1)
  expect((await next.announce()).state).toBe('admitted')
  expect(planned()).toEqual(['stamps 1.1.0'])
})

test('words of a module that no text should hold do not get into the ledger', async () => {
  await restartKernel({ healthMs: 50 })
  const module = await play('stamps-1')
  await module.beWell(() => ({ ok: false, words: 'half \ud800 and \u0000 none' }))
  await module.announce()
  await until(async () => (await transitions('stamps'))?.[0] === 'active → degraded')
  const rows = await facts.ledger.rows(1, 100)
  expect(rows.at(-1)?.data).toContain('half \ufffd and   none')
})

test('while a newer version takes over no question fails, and each is answered by one version', async () => {
  const old = await play('stamps-1', VALIDATES)
  const next = await play('stamps-2', { ...VALIDATES, version: '1.1.0' })
  const answers: string[] = []
  for (const [module, version] of [
    [old, '1.0.0'],
    [next, '1.1.0'],
  ] as const)
    await module.answer(async () => {
      await new Promise((resolve) => setTimeout(resolve, 5))
      answers.push(version)
      return allow
    })
  await next.beWell()
  await old.announce()
  const drained = await old.hearControl('drain')
  const asking = new Set<Promise<unknown>>()
  let isOver = false
  const results: unknown[] = []
  const load = (async () => {
    while (!isOver) {
      const one = ask().then(({ result }) => results.push(result))
      asking.add(one)
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
  })()

  await until(() => results.length > 20)
  await next.announce()
  await until(() => drained() === 1)
  const before = results.length
  await until(() => results.length > before + 20)
  isOver = true
  await load
  await Promise.all(asking)

  expect(results.filter((one) => JSON.stringify(one) !== '[{"verdict":"allow"}]')).toEqual([])
  expect(answers.length).toBe(results.length)
  expect(answers.lastIndexOf('1.0.0')).toBeLessThan(answers.lastIndexOf('1.1.0'))
})

test('of several kernels any answers, and all have the same plan', async () => {
  const other = await startKernelSide(server, facts, { hasRelay: false })
  try {
    const plans = () =>
      [kernel, other].map(({ hooks }) => hooks.book.plan('sale.validate')?.steps.map((one) => one.module))
    const modules = await Promise.all(['one', 'two', 'three', 'four'].map((name) => play(`${name}-1`, VALIDATES)))
    for (const module of modules) await module.announce()
    await until(() => plans().every((plan) => plan?.length === 4))
    expect(plans()[0]).toEqual(['four', 'three', 'two', 'one'])
    expect(plans()[1]).toEqual(plans()[0])

    await order({ module: 'two', order: 'block' })
    await until(() => plans().every((plan) => plan?.length === 3))
    await modules[3]?.connection.close()
    await until(() => plans().every((plan) => plan?.join() === 'three,one'))
  } finally {
    await other.stop()
  }
})

test('two majors that may stand beside each other both answer a hook that allows it, and the newer one every other', async () => {
  const beside = {
    ...VALIDATES,
    sideBySide: true,
    specs: [],
  }
  const owner = await play('shop-1', {
    specs: [
      {
        ...{ name: 'shop.price', version: 1, mode: 'collect', deadlineMs: 500, sideBySide: true },
        ...{ args: { type: 'object' }, answer: { type: 'number' } },
      },
    ],
  })
  await owner.announce()
  const both = { ...beside, answers: [...VALIDATES.answers, { hook: 'shop.price' }] }
  await (await play('till-1', { ...both, version: '1.4.0' })).announce()
  expect((await (await play('till-2', { ...both, version: '2.0.0' })).announce()).state).toBe('admitted')

  expect(planned('shop.price')?.sort()).toEqual(['till@1 1.4.0', 'till@2 2.0.0'])
  expect(planned()).toEqual(['till@2 2.0.0'])
  const hearing = await play('till-3', { ...both, version: '3.0.0', hears: ['post.changed'] })
  expect((await hearing.announce()).reasons.join()).toMatch(/it can hear no facts/)
})
