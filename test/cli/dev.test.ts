import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { apiAt } from '../../cli/api.ts'
import { newModule } from '../../cli/workshop/new-module.ts'
import { canSeeProcesses } from './support/processes.ts'
import { makeUps, type StartedUp, type Ups, until } from './support/up.ts'

let ups: Ups
beforeEach(async () => {
  ups = await makeUps()
})
afterEach(() => ups.clean())

type Suggested = { answer: { unitCents: number } | null; skipped: unknown[] }

const PRICE = `
import { type Manifest, PriceSuggest } from '@recyclique/contracts'
import { defineModule, type Module } from '@recyclique/sdk'
import { CENTS } from './cents.ts'

export const makeModule = (manifest: Manifest): Module =>
  defineModule(manifest)
    .answer(PriceSuggest, () => ({ unitCents: CENTS }))
    .route('GET', '/', () => ({ body: 'here' }))
`

/** A module outside of the program's folder, that suggests what stands in cents.ts. */
const writeShelf = async () => {
  const into = join(ups.folder, 'build')
  mkdirSync(into)
  const folder = await newModule({ name: 'shelf', kind: 'ui', into, kernel: '0.1.0' })
  const file = (name: string) => join(folder, name)
  const manifest = JSON.parse(readFileSync(file('manifest.json'), 'utf8'))
  const change = (more: object) => writeFileSync(file('manifest.json'), JSON.stringify({ ...manifest, ...more }))
  change({ answers: [{ hook: 'price.suggest' }] })
  const price = (text: string) => writeFileSync(file('cents.ts'), text)
  price('export const CENTS = 100')
  writeFileSync(file('module.ts'), PRICE)
  return { folder, price, change }
}

const asking = (dev: StartedUp, url: string) => {
  const seen: Suggested[] = []
  let isOver = false
  const api = apiAt(url)
  const path = '/v1/suggestions/price?registerId=caisse-1&categoryId=livre&qty=1'
  const loop = async () => {
    while (!isOver) seen.push(await api.get<Suggested>(path))
  }
  const loops = Promise.all([loop(), loop()])
  return {
    seen,
    /** Waits until one answer is of so many cents. */
    reaches: (cents: number) =>
      until(`${cents} cents\n${dev.text()}`, () => seen.at(-1)?.answer?.unitCents === cents, 30_000),
    end: async () => {
      isOver = true
      await loops
    },
  }
}

describe.runIf(canSeeProcesses)('recyclique dev', { timeout: 120_000 }, () => {
  test('starts a module anew at each change, without a call that fails, and names what is wrong with a broken one', async () => {
    const { folder, price, change } = await writeShelf()
    const dev = ups.dev(folder, '--no-demo', '--modules', 'none', '--inspect')
    const url = await dev.url()
    const api = apiAt(url)
    await api.put('/v1/registers/caisse-1', { body: { name: 'Caisse 1' } })
    const category = {
      shortName: 'Livre',
      officialName: 'Livre',
      eee: 'none',
      shownAtSale: true,
      shownAtReception: true,
    }
    await api.put('/v1/categories/livre', { body: category })
    const [, port] = await dev.line(/^shelf: debugger port 127\.0\.0\.1:(\d+)$/m)
    const debuggers = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as { url: string }[]
    expect(debuggers[0]?.url).toContain('main.ts')

    const asked = asking(dev, url)
    await asked.reaches(100)
    price('export const CENTS = 200')
    await asked.reaches(200)
    price('\nexport const CENTS = = 250')
    await dev.line(
      /shelf could not be started anew after cents\.ts changed: it fails at cents\.ts:2: SyntaxError.*The old one goes on\./,
    )
    const before = asked.seen.length
    await until('the old one goes on', () => asked.seen.length > before + 20)
    // What editors and tools write starts nothing.
    writeFileSync(join(folder, '.cents.ts.swp'), 'x')
    mkdirSync(join(folder, 'dist'))
    writeFileSync(join(folder, 'dist', 'main.js'), 'x')
    price('export const CENTS = 300')
    await asked.reaches(300)
    await asked.end()
    expect(asked.seen.filter(({ answer, skipped }) => answer === null || skipped.length > 0)).toEqual([])
    const order = asked.seen.map(({ answer }) => answer!.unitCents)
    expect(new Set(order)).toEqual(new Set([100, 200, 300]))
    const times = () => dev.text().match(/shelf was started anew/g)?.length
    await until('the second one is said', () => times() === 2)

    // Another manifest under the same version: the old one ends first.
    change({ answers: [{ hook: 'price.suggest', args: ['categoryId'] }] })
    await dev.line(/shelf was started anew: manifest\.json changed/)
    change({ answers: [{ hook: 'code.resolve' }] })
    await dev.line(
      /changed: it fails at module\.ts:\d+: ModuleError: .*price\.suggest.* Mend it, and it is started anew\./,
    )
    change({ answers: [{ hook: 'price.suggest' }] })
    await until('it is mended', () => times() === 4)
    expect(await (await fetch(`${url}/m/shelf/`, { headers: { 'recyclique-actor': 'manager' } })).text()).toBe('here')

    dev.process.kill('SIGINT')
    expect(await dev.code).toBe(0)
    expect(dev.who('shelf')).toEqual([])
  })

  test('says what keeps a folder from being a module, before anything starts', async () => {
    const { folder, change } = await writeShelf()
    change({ name: 'box', kernel: 'newest' })
    const dev = ups.dev(folder)
    expect(await dev.code).toBe(1)
    expect(dev.text()).toContain(`the module in ${folder} cannot be started:\n`)
    expect(dev.text()).toContain("/kernel says 'newest': write a range of versions such as ^1.2")
  })
})
