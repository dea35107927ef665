import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Actor } from './live/actors.ts'
import { openCentreApart } from './live/centre.ts'
import { part } from './live/part.ts'

/** Many processes start one after the other. */
const PATIENT = { timeout: 60_000 }

/** How often the modules are started in another order: `STARTS=50` for the whole proof. */
const STARTS = Number(process.env.STARTS || 5)

const allow = { does: 'answer', value: { verdict: 'allow' } } as const
const suggest = (unitCents: number) => ({ does: 'answer', value: { unitCents } }) as const

/** Three modules in a chain: each needs the one before, and so it is the last that works. */
const MODULES = [
  part('auth', { 'code.resolve': { does: 'answer', value: { categoryId: 'livres' } }, 'sale.validate': allow }),
  part('pricing', { 'price.suggest': suggest(100), 'sale.validate': allow }, { requires: { auth: '^1.0.0' } }),
  part('loyalty', { 'price.suggest': suggest(90), 'sale.validate': { does: 'pass' } }, { requires: { pricing: '*' } }),
]
const [AUTH] = MODULES
const NAMES = MODULES.map(({ manifest: { name } }) => name)

/** All three, let in for the first time one after the other: from then on each has its rank. */
const openThree = async () => {
  const centre = await openCentreApart()
  const actors: Actor[] = []
  for (const one of MODULES) {
    actors.push(await centre.start(one))
    await centre.are('active', one.manifest.name)
  }
  const plans = async () => ({
    validate: await centre.planText('sale.validate'),
    suggest: await centre.planText('price.suggest'),
  })
  return { ...centre, actors, plans, first: await plans() }
}

const namesIn = (plan: string) => JSON.parse(plan).map(({ module }: { module: string }) => module)

test('X01 the plans are the same, whoever comes first', { timeout: 15_000 + STARTS * 10_000 }, async () => {
  const { start, are, kernel, actors, plans, first } = await openThree()
  expect(namesIn(first.validate)).toEqual(['loyalty', 'pricing', 'auth'])
  expect(namesIn(first.suggest)).toEqual(['loyalty', 'pricing'])

  for (let nth = 1; nth <= STARTS; nth += 1) {
    await Promise.all(actors.map(({ kill9 }) => kill9()))
    if (nth % 2 === 0) await kernel.restart()
    else await are('stopped', ...NAMES)
    const delays = shuffled(MODULES).map((one) => ({ one, ms: Math.round(Math.random() * 500) }))
    const started = delays.map(({ one, ms }) => wait(ms).then(() => start(one)))
    actors.splice(0, 3, ...(await Promise.all(started)))
    await are('active', ...NAMES)

    const order = delays.map(({ one, ms }) => `${one.manifest.name} after ${ms} ms`).join(', ')
    expect(await plans(), `start ${nth}: ${order}`).toEqual(first)
  }
})

test(
  'X02 the oldest is killed and comes back: its rank is the same, and so is the plan, over a new start of the kernel too',
  PATIENT,
  async () => {
    const { start, are, view, kernel, actors, plans, first } = await openThree()
    const { rank } = await view('auth')
    expect(rank).toBe(1)

    await actors[0]?.kill9()
    await are('stopped', 'auth')
    await are('pending', 'pricing', 'loyalty')
    await start(AUTH!)
    await are('active', ...NAMES)

    expect((await view('auth')).rank).toBe(rank)
    expect(await plans()).toEqual(first)

    await kernel.kill9()
    await kernel.restart()
    await are('active', ...NAMES)

    expect((await view('auth')).rank).toBe(rank)
    expect(await plans()).toEqual(first)
  },
)

const shuffled = <T>(list: readonly T[]): T[] =>
  list
    .map((one) => [Math.random(), one] as const)
    .sort(([a], [b]) => a - b)
    .map(([, one]) => one)
