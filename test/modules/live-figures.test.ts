import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type KeptFact, Manifest, parse } from '@recyclique/contracts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  figuresOfCorrection,
  figuresOfExit,
  figuresOfRefund,
  figuresOfSale,
  figuresOfVoid,
  figuresOfWeighing,
} from '../../modules/live-figures/figures.ts'
import manifest from '../../modules/live-figures/manifest.json' with { type: 'json' }
import { pageOf } from '../../modules/live-figures/page.ts'
import { applyChanges, type DayFigures, openFigures, readDay } from '../../modules/live-figures/store.ts'
import { dayIn, isDay } from '../../modules/live-figures/today.ts'
import { type FakeKernel, fakeKernel } from '../support/fake-kernel.ts'
import { startTestServer, type TestServer } from '../support/nats.ts'
import { type Child, moduleEnv, startChild } from './child.ts'
import { factMaker } from './facts.ts'

const DAY = '2026-03-14'
const facts = () => factMaker(DAY)

describe('what a fact adds', () => {
  const money = (takingsCents: number, donationsCents: number, tickets: number, day = DAY) => ({
    kind: 'money',
    day,
    takingsCents,
    donationsCents,
    tickets,
  })
  const kilos = (flow: string, categoryId: string, grams: number, day = DAY) => ({
    kind: 'kilos',
    day,
    flow,
    categoryId,
    categoryName: categoryId[0]?.toUpperCase() + categoryId.slice(1),
    grams,
  })
  const lines = [
    { categoryId: 'livres', cents: 200, grams: 1500 },
    { categoryId: 'jouets', cents: 300 },
  ]

  test('a sale adds money, a ticket, and the weight of the lines that have one', () => {
    expect(figuresOfSale(facts().sale(lines, { donationCents: 50 }))).toEqual([
      money(500, 50, 1),
      kilos('till', 'livres', 1500),
    ])
  })

  test('a void takes away what its sale had added', () => {
    expect(figuresOfVoid(facts().void(lines, { donationCents: 50 }))).toEqual([
      money(-500, -50, -1),
      kilos('till', 'livres', -1500),
    ])
  })

  test('a refund takes money away, and kilos only when the goods come back', () => {
    const back = [{ categoryId: 'livres', cents: 200, grams: 1500 }]

    expect(figuresOfRefund(facts().refund(back, true))).toEqual([money(-200, 0, 0), kilos('till', 'livres', -1500)])
    expect(figuresOfRefund(facts().refund(back, false))).toEqual([money(-200, 0, 0)])
  })

  test('a weighing comes in, an exit goes out', () => {
    expect(figuresOfWeighing(facts().weighing('livres', 12_000))).toEqual([kilos('in', 'livres', 12_000)])
    expect(
      figuresOfExit(
        facts().exit([
          ['livres', 4000],
          ['jouets', 100],
        ]),
      ),
    ).toEqual([kilos('exit', 'livres', 4000), kilos('exit', 'jouets', 100)])
  })

  test('a correction changes the day of the line, in the flow and the categories of old and new', () => {
    const head = { businessDate: '2026-03-02' }

    expect(figuresOfCorrection(facts().correction('deposit', ['livres', 960_000], ['jouets', 960], head))).toEqual([
      kilos('in', 'livres', -960_000, '2026-03-02'),
      kilos('in', 'jouets', 960, '2026-03-02'),
    ])
    expect(figuresOfCorrection(facts().correction('exit', ['livres', 10], null))).toEqual([
      kilos('exit', 'livres', -10),
    ])
    expect(figuresOfCorrection(facts().correction('exit', null, ['livres', 10]))).toEqual([kilos('exit', 'livres', 10)])
  })

  test('training adds nothing, paper that is entered late adds to its own day', () => {
    expect(figuresOfSale(facts().sale(lines, {}, { mode: 'training' }))).toEqual([])
    expect(figuresOfSale(facts().sale([{}], {}, { mode: 'deferred', businessDate: '2026-03-01' }))).toEqual([
      money(150, 0, 1, '2026-03-01'),
    ])
  })
})

describe('the page', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'recyclique-figures-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  const dayOf = (...told: KeptFact<never>[] | KeptFact[]): DayFigures => {
    const store = openFigures(folder)
    for (const fact of told) store.apply(fact.position, (db) => applyChanges(db, changesOf(fact as KeptFact)))
    return readDay(store, DAY)
  }

  test('shows money, tickets and kilos as French writes them', () => {
    const make = facts()
    const page = pageOf(
      dayOf(make.sale([{ cents: 123_456, grams: 1500 }], { donationCents: 250 }), make.weighing('jouets', 12_340)),
      DAY,
    )
    const text = page.replace(/[\u00a0\u202f]/g, ' ')

    for (const words of ['Aujourd’hui', '1 234,56 €', '2,50 €', '12,3 kg', '1,5 kg', 'samedi 14 mars 2026'])
      expect(text).toContain(words)
  })

  test('writes what somebody typed as text, never as markup', () => {
    const fact = facts().weighing('livres', 1000)
    const page = pageOf(dayOf({ ...fact, data: { ...fact.data, categoryName: '<script>"&\'' } }), DAY)

    expect(page).toContain('&lt;script&gt;&quot;&amp;&#39;')
    expect(page).not.toContain('<script')
  })

  test('of a quiet day says so', () => {
    expect(pageOf(dayOf(), DAY)).toContain('Rien n’a été pesé.')
  })

  test('needs nothing from elsewhere', () => {
    expect(pageOf(dayOf(), DAY)).not.toMatch(/https?:|src=|<link|<script|@import|url\(/)
  })
})

test('today is the day in the centre’s time zone', () => {
  const instant = new Date('2026-03-14T23:30:00Z')
  expect([dayIn('Europe/Paris')(instant), dayIn('UTC')(instant)]).toEqual(['2026-03-15', '2026-03-14'])
})

test.each([
  ['2026-02-28', true],
  ['2026-02-29', false],
  ['2026-13-01', false],
  ['yesterday', false],
  ['', false],
])('is %s a day: %s', (text, expected) => expect(isDay(text)).toBe(expected))

test('the manifest is one', () => {
  expect(parse(Manifest, manifest).name).toBe('live-figures')
})

describe('in a process of its own, on the bus', () => {
  let server: TestServer
  let kernel: FakeKernel
  let env: Record<string, string>
  let children: Child[]
  let count: number

  beforeEach(async () => {
    children = []
    count = 0
    server = await startTestServer()
    kernel = await fakeKernel(await server.connectKernel())
    env = await moduleEnv(server, 'live-figures', 'figures-0')
  })
  afterEach(async () => {
    for (const { process } of children) process.kill('SIGKILL')
    await Promise.all(children.map(({ ended }) => ended))
    await server.stop()
  })

  const start = (): Child => {
    count += 1
    const child = startChild('modules/live-figures/main.ts', { ...env, RECYCLIQUE_INSTANCE: `figures-${count}` })
    children.push(child)
    return child
  }
  const end = async (child: Child, signal: NodeJS.Signals = 'SIGTERM') => {
    child.process.kill(signal)
    return child.ended
  }
  /** The figures once all facts up to here are in them. */
  const figuresAt = async (position: number, from = 0): Promise<DayFigures> => {
    const { body } = await kernel.next(
      'heartbeat',
      (beat) => beat.instance === `figures-${count}` && beat.position >= position,
      from,
    )
    const answer = await kernel.call('live-figures', body.instance, { path: '/today', query: { date: DAY } })
    return JSON.parse(answer.text)
  }

  test('a sale is in the figures of the day', async () => {
    start()
    await kernel.tell(facts().sale([{ categoryId: 'livres', cents: 350, grams: 700 }], { donationCents: 20 }))

    expect(await figuresAt(1)).toEqual({
      date: DAY,
      takingsCents: 350,
      donationsCents: 20,
      tickets: 1,
      in: { grams: 0, categories: [] },
      out: {
        grams: 700,
        tillGrams: 700,
        exitGrams: 0,
        categories: [{ categoryId: 'livres', categoryName: 'Livres', grams: 700 }],
      },
      position: 1,
    })
  })

  test('the routes: today, another day, the page, and a day that is none', async () => {
    const child = start()
    await figuresAt(0)
    const get = (path: string, query = {}) => kernel.call('live-figures', 'figures-1', { path, query })

    expect(JSON.parse((await get('/today')).text).date).toBe(dayIn('Europe/Paris')(new Date()))
    expect((await get('/')).headers['content-type']).toBe('text/html; charset=utf-8')
    expect(await get('/today', { date: '2026-02-29' })).toMatchObject({ status: 400 })
    expect(await end(child)).toBe(0)
  })

  test('killed ten times in the middle of its work, it ends with exact figures', { timeout: 90_000 }, async () => {
    const { told, expected } = mixedDay(300)
    for (let round = 0; round < 10; round += 1) {
      const child = start()
      // Each time at another point of its work, the moment that an acknowledgement passes by.
      const isHalfWay = kernel.acked('live-figures', round * 30 + 5 + round * 2)
      await kernel.tell(...told.slice(round * 30, round * 30 + 30))
      await isHalfWay
      expect(await end(child, 'SIGKILL')).toBe('SIGKILL')
    }
    start()

    expect(await figuresAt(300)).toEqual(expected)
  })

  test('its own file is deleted: the facts are told from the start', async () => {
    const { told, expected } = mixedDay(60)
    await kernel.tell(...told)
    const first = start()
    expect(await figuresAt(60)).toEqual(expected)
    await end(first)
    await rm(env.RECYCLIQUE_MODULE_DATA ?? '', { recursive: true })
    start()

    expect(await figuresAt(60)).toEqual(expected)
  })

  test('an older copy of its own file is put back: the facts go on from there', async () => {
    const { told, expected } = mixedDay(60)
    const folder = env.RECYCLIQUE_MODULE_DATA ?? ''
    await kernel.tell(...told.slice(0, 20))
    const first = start()
    await figuresAt(20)
    await end(first)
    await cp(folder, `${folder}-copy`, { recursive: true })
    await kernel.tell(...told.slice(20))
    const second = start()
    await figuresAt(60)
    await end(second)
    await rm(folder, { recursive: true })
    await cp(`${folder}-copy`, folder, { recursive: true })
    start()

    expect(await figuresAt(60)).toEqual(expected)
  })

  test('the bus’s store is deleted and filled anew: nothing counts twice, and it goes on', async () => {
    const { told, expected } = mixedDay(60)
    await kernel.tell(...told.slice(0, 40))
    start()
    await figuresAt(40)
    await kernel.close()
    const isBack = kernel.back()
    await server.kill()
    await rm(join(server.folder, 'nats', 'jetstream'), { recursive: true })
    await server.restart()
    await isBack
    await kernel.refill()
    await kernel.open()
    await kernel.tell(...told.slice(40))

    expect(await figuresAt(60)).toEqual(expected)
  })
})

const changesOf = (fact: KeptFact) => {
  const figures = {
    'sale.recorded': figuresOfSale,
    'sale.refunded': figuresOfRefund,
    'sale.voided': figuresOfVoid,
    'matter.logged': figuresOfWeighing,
    'matter.corrected': figuresOfCorrection,
    'exit.recorded': figuresOfExit,
  }[fact.name] as (fact: KeptFact) => ReturnType<typeof figuresOfSale>
  return figures(fact)
}

/** Facts of all six kinds, and the figures that they must give, added up here by hand: no code of the module. */
const mixedDay = (length: number): { told: KeptFact[]; expected: DayFigures } => {
  const make = facts()
  const sum = { takings: 0, donations: 0, tickets: 0, till: 0, exit: 0 }
  const came = new Map<string, number>()
  const left = new Map<string, number>()
  const add = (to: Map<string, number>, id: string, grams: number) => to.set(id, (to.get(id) ?? 0) + grams)
  const told = Array.from({ length }, (_, n): KeptFact => {
    const id = ['livres', 'jouets', 'vaisselle'][n % 3] as string
    const [cents, grams] = [100 + ((n * 37) % 500), 1000 + ((n * 91) % 700)]
    switch (n % 10) {
      case 0:
      case 1:
        add(came, id, grams)
        return make.weighing(id, grams)
      case 6:
        sum.takings -= 10
        add(left, id, -5)
        sum.till -= 5
        return make.refund([{ categoryId: id, cents: 10, grams: 5 }], true)
      case 7:
        sum.takings -= 20
        sum.donations -= 2
        sum.tickets -= 1
        add(left, id, -30)
        sum.till -= 30
        return make.void([{ categoryId: id, cents: 20, grams: 30 }], { donationCents: 2 })
      case 8:
        add(came, id, -3)
        return make.correction('deposit', [id, 10], [id, 7])
      case 9:
        add(left, id, grams)
        sum.exit += grams
        return make.exit([[id, grams]])
      default:
        sum.takings += cents
        sum.donations += n
        sum.tickets += 1
        add(left, id, grams)
        sum.till += grams
        return make.sale([{ categoryId: id, cents, grams }], { donationCents: n })
    }
  })
  const listed = (grams: Map<string, number>) => ({
    grams: [...grams.values()].reduce((all, one) => all + one, 0),
    categories: [...grams]
      .map(([categoryId, one]) => ({
        categoryId,
        categoryName: categoryId[0]?.toUpperCase() + categoryId.slice(1),
        grams: one,
      }))
      .sort((a, b) => b.grams - a.grams || (a.categoryId < b.categoryId ? -1 : 1)),
  })
  const expected = {
    date: DAY,
    takingsCents: sum.takings,
    donationsCents: sum.donations,
    tickets: sum.tickets,
    in: listed(came),
    out: { ...listed(left), tillGrams: sum.till, exitGrams: sum.exit },
    position: length,
  }
  return { told, expected }
}
