import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { makeCatalogue } from '../../cli/workshop/catalogue.ts'
import { reportDependencies, wordsOn } from '../../cli/workshop/dependencies.ts'
import { environmentKey } from '../../cli/workshop/environment-key.ts'
import { ensureEnvironment, environmentOf, type Install, useEnvironment } from '../../cli/workshop/environments.ts'
import { isStartable } from '../../cli/workshop/manifests.ts'
import { installWithNpm } from '../../cli/workshop/npm-install.ts'
import { boundsOf, commonRange, isIn } from '../../cli/workshop/ranges.ts'
import { startInOrder } from '../../cli/workshop/start-in-order.ts'
import { openWorkshop, type Workshop } from './workshop-folders.ts'

const labels = { name: 'labels', version: '1.0.0', dependencies: { bwip: '^4.0.0', pdf: '1.2.3' } }

test('O104 the key of an environment is the same for reordered dependencies', () => {
  expect(environmentKey(labels)).toMatch(/^labels-1\.0\.0-[0-9a-f]{12}$/)
  expect(environmentKey({ ...labels, dependencies: { pdf: '1.2.3', bwip: '^4.0.0' } })).toBe(environmentKey(labels))
})

test('O105 another version of the module, or another set, has another key', () => {
  const keys = [
    environmentKey(labels),
    environmentKey({ ...labels, version: '1.0.1' }),
    environmentKey({ ...labels, dependencies: { ...labels.dependencies, pdf: '1.2.4' } }),
    environmentKey({ ...labels, dependencies: { bwip: '^4.0.0' } }),
  ]
  expect(new Set(keys).size).toBe(4)
})

const RANGES: [range: string, bounds: string, inside: string[], outside: string[]][] = [
  ['^1.2.3', '>=1.2.3 <2.0.0', ['1.2.3', '1.9.9'], ['1.2.2', '2.0.0', '2.0.0-rc.1']],
  ['^0.2.3', '>=0.2.3 <0.3.0', ['0.2.3'], ['0.2.2', '0.3.0']],
  ['^0.0.3', '>=0.0.3 <0.0.4', ['0.0.3'], ['0.0.4']],
  ['~1.2.3', '>=1.2.3 <1.3.0', ['1.2.9'], ['1.3.0']],
  ['~1.2', '>=1.2.0 <1.3.0', ['1.2.0'], ['1.1.9', '1.3.0']],
  ['~1', '>=1.0.0 <2.0.0', ['1.9.0'], ['2.0.0', '0.9.0']],
  ['*', '*', ['0.0.1', '99.0.0'], []],
  ['1.4.2', '1.4.2', ['1.4.2'], ['1.4.1', '1.4.3']],
  ['>=1.2.0 <3.0.0', '>=1.2.0 <3.0.0', ['2.9.9'], ['3.0.0']],
  ['<=2.5.0', '<=2.5.0', ['2.5.0'], ['2.5.1']],
]

test('O107 ranges are read as npm reads them, and a bare version is exact', () => {
  for (const [range, bounds, inside, outside] of RANGES) {
    expect(boundsOf(range)).toBe(bounds)
    expect(inside.filter((version) => !isIn(version, range))).toEqual([])
    expect(outside.filter((version) => isIn(version, range))).toEqual([])
  }
})

test('O108 two modules that pin different versions are named with the library, and it is information', () => {
  const report = reportDependencies([
    { module: 'labels', dependencies: { pdf: '1.2.3' } },
    { module: 'receipts', dependencies: { pdf: '2.0.0', zip: '*' } },
  ])
  expect(report.conflicts.map(wordsOn)).toEqual(['pdf: labels wants 1.2.3, receipts wants 2.0.0'])
  expect(report.shared).toEqual({ zip: '*' })
})

test('O109 ranges that overlap are merged into one statement for each library', () => {
  const report = reportDependencies([
    { module: 'labels', dependencies: { pdf: '^1.2.0', zip: '>=1.0.0' } },
    { module: 'receipts', dependencies: { zip: '<4.0.0', pdf: '>=1.4.0' } },
    { module: 'reports', dependencies: { pdf: '1.x' } },
  ])
  expect(report).toEqual({ shared: { pdf: '>=1.4.0 <2.0.0', zip: '>=1.0.0 <4.0.0' }, conflicts: [], unreadable: [] })
})

test.each([
  [['^1 || ^3', '>=1.5.0'], '>=1.5.0 <2.0.0||>=3.0.0 <4.0.0'],
  [['>1.0.0', '>=1.0.0'], '>1.0.0'],
  [['<2.0.0', '<=2.0.0'], '<2.0.0'],
  [['1.4.2', '^1.0.0'], '1.4.2 >=1.0.0 <2.0.0'],
  [['*', '*'], '*'],
  [['^1', '^2'], undefined],
  [['1.0.0', '1.0.1'], undefined],
])('what lies in all of %j is %s', (ranges, common) => {
  expect(commonRange(ranges)).toBe(common)
})

test('what is no range is left as it is, and named', () => {
  const { unreadable } = reportDependencies([{ module: 'labels', dependencies: { pdf: 'file:../pdf' } }])
  expect(unreadable.map(wordsOn)).toEqual(['pdf: labels wants file:../pdf'])
})

describe('folders of dependencies', () => {
  let shop: Workshop
  beforeEach(async () => {
    shop = await openWorkshop()
  })
  afterEach(() => shop.close())
  const home = () => join(shop.folder, 'environments')

  test('O106 an environment that is there is reused, and another set gets its own beside it', async () => {
    const install = vi.fn<Install>(async (folder) => void mkdirSync(join(folder, 'node_modules')))
    const first = await ensureEnvironment(home(), labels, install)
    const again = await ensureEnvironment(
      home(),
      { ...labels, dependencies: { pdf: '1.2.3', bwip: '^4.0.0' } },
      install,
    )
    expect(first.isNew).toBe(true)
    expect(again).toEqual({ folder: first.folder, isNew: false })
    expect(install).toHaveBeenCalledTimes(1)

    const other = await ensureEnvironment(home(), { ...labels, version: '1.1.0' }, install)
    expect(other.isNew).toBe(true)
    expect(existsSync(first.folder)).toBe(true)
    expect(readdirSync(home())).toHaveLength(2)
  })

  test('an install that was cut off is never taken for a finished one', async () => {
    const cut: Install = async (folder) => {
      writeFileSync(join(folder, 'half'), '')
      throw new Error('the line is cut')
    }
    await expect(ensureEnvironment(home(), labels, cut)).rejects.toThrow('the line is cut')
    expect(readdirSync(home())).toEqual([])
  })

  test('of two who make the same environment at once both get a whole one', async () => {
    const install: Install = async (folder) => writeFileSync(join(folder, 'whole'), '')
    const both = await Promise.all([
      ensureEnvironment(home(), labels, install),
      ensureEnvironment(home(), labels, install),
    ])
    expect(both[0].folder).toBe(both[1].folder)
    expect(readdirSync(home())).toHaveLength(1)
    expect(existsSync(join(both[0].folder, 'whole'))).toBe(true)
  })

  test('X17 two modules use two versions of one library at the same time, and both work', async () => {
    const library = (major: number, source: string) => {
      shop.file(
        `libraries/${major}/package.json`,
        JSON.stringify({ name: 'shared-lib', version: `${major}.0.0`, type: 'module', exports: './index.js' }),
      )
      shop.file(`libraries/${major}/index.js`, source)
      return `file:${join(shop.folder, 'libraries', String(major))}`
    }
    // The second one can do nothing that the first one can: neither module would work with the other's.
    const one = library(1, 'export const grams = (kilos) => kilos * 1000')
    const two = library(2, 'export const weigh = ({ kilos }) => ({ grams: kilos * 1000, version: 2 })')
    const main = (imported: string, use: string) => `
      import { ${imported} } from 'shared-lib'
      import { appendFileSync } from 'node:fs'
      appendFileSync(process.env.JOURNAL, JSON.stringify(${use}) + '\\n')
      console.log(JSON.stringify({ msg: 'admitted' }))
      setInterval(() => {}, 1000)
    `
    const packageJson = (name: string, from: string) => ({
      name,
      version: '1.0.0',
      type: 'module',
      dependencies: { 'shared-lib': from },
    })
    const folders = [
      shop.module('a', { packageJson: packageJson('a', one), main: main('grams', '{ a: grams(2) }') }),
      shop.module('b', { packageJson: packageJson('b', two), main: main('weigh', '{ b: weigh({ kilos: 3 }) }') }),
    ]
    for (const folder of folders)
      await useEnvironment(folder, await ensureEnvironment(home(), await environmentOf(folder), installWithNpm))

    const catalogue = makeCatalogue({ folders: [shop.modules] })
    await catalogue.discover()
    const modules = catalogue.modules().filter(isStartable)
    const launches = await startInOrder({ crew: shop.crew, modules, start: shop.start })
    expect(launches.map(({ state }) => state)).toEqual(['active', 'active'])
    expect(shop.journal().sort()).toEqual(['{"a":2000}', '{"b":{"grams":3000,"version":2}}'])
  })
})
