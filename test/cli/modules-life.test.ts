import { randomUUID } from 'node:crypto'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ModuleView, Register, Site } from '@recyclique/contracts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { apiAt } from '../../cli/api.ts'
import { openDesk } from '../../cli/installed/desk.ts'
import { readSource } from '../../cli/installed/obtain.ts'
import { priceModule } from './support/price-module.ts'
import { canSeeProcesses } from './support/processes.ts'
import { tariffModule } from './support/tariff-module.ts'
import { makeUps, type StartedUp, type Ups, until } from './support/up.ts'

/** One installation that runs, from its configuration on; the tests are the days of its life, in order. */
describe.runIf(canSeeProcesses)('modules of an installation that runs', { timeout: 120_000 }, () => {
  let ups: Ups
  let up: StartedUp
  let url: string
  const config = () => join(ups.folder, 'recyclique.yaml')
  const site = 'site: { name: La Boucle, vatRegime: exempt }\nregisters: [{ id: caisse-1, name: Caisse 1 }]\n'
  const write = (modules: string) => writeFileSync(config(), `${site}modules: [${modules}]\n`)

  beforeAll(async () => {
    ups = await makeUps()
    write('')
    up = ups.up('--no-demo', '--config', config())
    url = await up.url()
    const category = {
      shortName: 'Livre',
      officialName: 'Livre',
      eee: 'none',
      shownAtSale: true,
      shownAtReception: true,
    }
    await apiAt(url).put('/v1/categories/livre', { body: category })
  }, 90_000)
  afterAll(() => ups.clean())

  const agreed: string[] = []
  const desk = () =>
    openDesk({
      data: ups.folder,
      agree: async (_, growth) => void agreed.push(...growth),
    })
  const made = (of: Parameters<typeof priceModule>[1]) => priceModule(join(ups.folder, 'sources', of.version), of)
  const view = (name: string) => apiAt(url).get<ModuleView>(`/v1/modules/${name}`)
  const ask = async (): Promise<unknown> => {
    const answer = await fetch(`${url}/v1/suggestions/price?registerId=caisse-1&categoryId=livre&qty=1`)
    const { answer: said, skipped } = (await answer.json()) as {
      answer: { unitCents: number } | null
      skipped: unknown[]
    }
    return said?.unitCents ?? { status: answer.status, skipped }
  }
  const underLoad = async (act: () => Promise<unknown>): Promise<unknown[]> => {
    let isOver = false
    const seen: unknown[] = []
    const caller = async () => {
      while (!isOver) seen.push(await ask())
    }
    const callers = [caller(), caller(), caller()]
    await act().finally(() => {
      isOver = true
    })
    await Promise.all(callers)
    return seen
  }
  const installed = () => readdirSync(join(ups.folder, 'installed')).filter((name) => name.startsWith('prices'))

  test('the centre is what the configuration says', async () => {
    expect(await apiAt(url).get<Site>('/v1/sites/centre')).toMatchObject({ name: 'La Boucle', vatRegime: 'exempt' })
    expect(await apiAt(url).get<Register>('/v1/registers/caisse-1')).toMatchObject({ name: 'Caisse 1' })
    expect(up.text()).toContain('the register caisse-1 (Caisse 1) is made')
  })

  test('what is enabled in the file starts, what is disabled stops, and nobody else is touched', async () => {
    write('{ name: live-figures }')
    await up.line(/live-figures 0\.1\.0 is started/)
    expect((await view('live-figures')).state).toBe('active')

    write('{ name: live-figures, enabled: false }')
    await up.line(/live-figures is no longer wanted/)
    expect((await view('live-figures')).state).toBe('stopped')
    expect(up.who('kernel/main.ts')).toHaveLength(1)
  })

  test('a slip of the pen in the file is said once, and the last good one stays in force', async () => {
    writeFileSync(config(), `${site}modules: [{ name: live-figures, enabeld: true }]\n`)
    await up.line(
      /recyclique\.yaml, line 3: \/modules\/0\/enabeld is not known here.*\nThe last good configuration stays/,
    )
    write('')
    await up.line(/recyclique\.yaml is in order again/)
    expect(up.text().match(/enabeld is not known/g)).toHaveLength(1)
  })

  test('a module is added while everything runs, and answers', async () => {
    const outcome = await desk().add(await readSource(made({ version: '1.0.0', cents: 100 })))
    expect(outcome.view?.state).toBe('active')
    expect(await ask()).toBe(100)
    await expect(desk().add(await readSource(made({ version: '1.0.0', cents: 100 })))).rejects.toThrow(
      'prices 1.0.0 is installed already',
    )
  })

  test('it is upgraded under load, and not one call fails', async () => {
    const manifest = { asks: ['code.resolve'], permissions: { net: ['example.org'] } }
    const source = made({ version: '1.1.0', cents: 200, manifest })
    const seen = await underLoad(() => desk().upgrade('prices', source, undefined))

    expect(new Set(seen)).toEqual(new Set([100, 200]))
    expect(seen.length).toBeGreaterThan(50)
    expect(await ask()).toBe(200)
    expect(agreed).toEqual(['asks:code.resolve', 'net:example.org'])
    expect(up.text()).not.toMatch(/prices ended/)
  })

  test.each([
    [
      'does not start',
      { before: "throw new TypeError('no price list')" },
      /1\.2\.0: ended with code 1\. TypeError: no price/,
    ],
    [
      'is refused by the kernel',
      { manifest: { kernel: '^9.0.0' } },
      /1\.2\.0: The kernel rejects prices:.*needs kernel \^9/,
    ],
  ])('one that %s changes nothing under load, and why is told', async (_, broken, why) => {
    const source = made({ version: '1.2.0', cents: 300, ...broken })
    const upgraded = async () => {
      await expect(desk().upgrade('prices', source, undefined)).rejects.toThrow(why)
    }
    expect(new Set(await underLoad(upgraded))).toEqual(new Set([200]))
    expect(installed().map((name) => name.slice(0, 12))).toEqual(['prices-1.0.0', 'prices-1.1.0'])
  })

  test('a version that an operator blocks is not taken: who did it, and how to let it in', async () => {
    const order = (method: 'post' | 'delete', reason?: object) =>
      apiAt(url)[method]('/v1/modules/prices/block', {
        body: { versions: '1.0.x || >=1.2', ...reason },
        key: randomUUID(),
      })
    await order('post', { reason: 'wrong prices' })
    const why = (version: string) =>
      `prices ${version} is blocked here: manager forbade 1.0.x || >=1.2 (wrong prices). \`recyclique modules unblock prices --versions '1.0.x || >=1.2'\` lets it in`
    await expect(desk().upgrade('prices', made({ version: '1.3.0', cents: 1 }), undefined)).rejects.toThrow(
      why('1.3.0'),
    )
    await expect(desk().rollback('prices')).rejects.toThrow(why('1.0.0'))
    expect(await ask()).toBe(200)
    await order('delete')
  })

  test('it goes back to the version before, and forth again', async () => {
    expect((await desk().rollback('prices')).manifest.version).toBe('1.0.0')
    expect(await ask()).toBe(100)
    expect((await desk().rollback('prices')).manifest.version).toBe('1.1.0')
    expect(await ask()).toBe(200)
  })

  test('one that rests is changed at once, and rests on', async () => {
    await apiAt(url).put('/v1/modules/prices/desired-state', { body: { state: 'disabled' } })
    expect((await desk().rollback('prices')).view).toMatchObject({ state: 'disabled', version: '1.0.0' })
    expect(await ask()).toMatchObject({ status: 200 })
    await apiAt(url).put('/v1/modules/prices/desired-state', { body: { state: 'enabled' } })
    await until('it answers again', async () => (await ask()) === 100)
  })

  test('a changed configuration reaches the process that runs; what was set by hand stands until the file changes that very setting', async () => {
    await desk().add(await readSource(tariffModule(join(ups.folder, 'sources', 'tariff'))))
    const tariff = () => apiAt(url).get<object>('/m/tariff/set')
    const said = (config: string) => write(`{ name: tariff, config: ${config} }`)
    said('{ cents: 5, label: blue }')
    await up.line(/tariff: cents is 5, before 1|tariff: works with it/)
    await until('it has them', async () => JSON.stringify(await tariff()) === '{"cents":5,"label":"blue"}')
    const [first] = up.who('tariff').map(({ pid }) => pid)

    await apiAt(url).patch('/v1/modules/tariff/config', {
      body: { config: { cents: 9 }, origin: 'recyclique config set' },
    })
    said('{ cents: 5, label: red }')
    await up.line(/tariff: label is "red", before "blue"\n.*tariff: works with it \(1 process\)/)
    expect(await tariff()).toEqual({ cents: 9, label: 'red' })
    said('{ cents: 6 }')
    await up.line(/tariff: cents is 6, before 5; what recyclique config set said is lifted/)
    expect(await tariff()).toEqual({ cents: 6, label: 'green' })
    expect(up.who('tariff').map(({ pid }) => pid)).toEqual([first])

    said('{ cents: many }')
    await up.line(/tariff: nothing of this is taken: .*cents must be/)
    expect(await tariff()).toEqual({ cents: 6, label: 'green' })
    process.kill(first!, 'SIGKILL')
    await until('it is back with the last good ones', async () => {
      const now = await tariff().catch(() => undefined)
      return JSON.stringify(now) === '{"cents":6,"label":"green"}' && !up.who('tariff').some(({ pid }) => pid === first)
    })
    write('')
    await desk().remove('tariff')
  })

  test('it is removed: its process ends, its folders go, and what it keeps of its own stays', async () => {
    await desk().remove('prices')
    expect((await view('prices')).state).toBe('stopped')
    expect(await ask()).toMatchObject({ status: 200, skipped: [] })
    expect(installed()).toEqual([])
    expect(existsSync(join(ups.folder, 'modules', 'prices'))).toBe(true)
    await expect(desk().remove('prices')).rejects.toThrow(/there is no module prices/)
    await expect(desk().remove('live-figures')).rejects.toThrow(/came with the program/)
  })
})
