import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { folderNameOf, layReady } from '../../cli/installed/install.ts'
import { makeCatalogue } from '../../cli/workshop/catalogue.ts'
import { reportDependencies, wordsOn } from '../../cli/workshop/dependencies.ts'
import { isStartable } from '../../cli/workshop/manifests.ts'
import { boundsOf, commonRange, isIn } from '../../cli/workshop/ranges.ts'
import { startInOrder } from '../../cli/workshop/start-in-order.ts'
import { manifestOf, openWorkshop, type Workshop } from './workshop-folders.ts'

let shop: Workshop
beforeEach(async () => {
  shop = await openWorkshop()
})
afterEach(() => shop.close())

const packageJson = (name: string, dependencies: Record<string, string>, version = '1.0.0') => ({
  ...{ name, version, type: 'module', dependencies },
})
const home = () => join(shop.folder, 'installed')
const lay = (path: string) => layReady(home(), { kind: 'folder', path })
/** Modules only: the kit that they find lies there too. */
const laid = () => readdirSync(home()).filter((name) => /^[a-z]+-\d/.test(name))

describe('the name under which a module lies with its libraries', () => {
  const nameOf = async (dependencies: Record<string, string>, version = '1.0.0') => {
    const folder = shop.module('labels', { packageJson: packageJson('labels', dependencies, version) })
    return folderNameOf({ ...manifestOf('labels'), version }, folder)
  }

  test('O104 the key of an environment is the same for reordered dependencies', async () => {
    const name = await nameOf({ bwip: '^4.0.0', pdf: '1.2.3' })
    expect(name).toMatch(/^labels-1\.0\.0-[0-9a-f]{12}$/)
    expect(await nameOf({ pdf: '1.2.3', bwip: '^4.0.0' })).toBe(name)
  })

  test('O105 another version of the module, or another set, has another key', async () => {
    const keys = [
      await nameOf({ bwip: '^4.0.0', pdf: '1.2.3' }),
      await nameOf({ bwip: '^4.0.0', pdf: '1.2.3' }, '1.0.1'),
      await nameOf({ bwip: '^4.0.0', pdf: '1.2.4' }),
      await nameOf({ bwip: '^4.0.0' }),
    ]
    expect(new Set(keys).size).toBe(4)
  })
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
  test('O106 an environment that is there is reused, and another set gets its own beside it', async () => {
    const first = await lay(shop.module('labels', { packageJson: packageJson('labels', {}) }))
    const { ino } = statSync(join(home(), first.as.folder))
    const again = await lay(join(shop.modules, 'labels'))
    expect(again.as.folder).toBe(first.as.folder)
    expect(statSync(join(home(), first.as.folder)).ino).toBe(ino)

    shop.file('modules/labels/other.ts', 'export {}')
    await lay(join(shop.modules, 'labels'))
    expect(laid()).toHaveLength(2)
  })

  test('an install that was cut off is never taken for a finished one', async () => {
    const folder = shop.module('labels', { packageJson: packageJson('labels', { gone: 'file:/nowhere/at/all' }) })
    await expect(lay(folder)).rejects.toThrow(/npm could not install/)
    expect(laid()).toEqual([])
  })

  test('of two who make the same environment at once both get a whole one', async () => {
    const folder = shop.module('labels', { packageJson: packageJson('labels', {}) })
    const both = await Promise.all([lay(folder), lay(folder)])
    expect(both[0].as.folder).toBe(both[1].as.folder)
    expect(laid()).toEqual([both[0].as.folder])
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
    const folders = [
      shop.module('a', {
        packageJson: packageJson('a', { 'shared-lib': one }),
        main: main('grams', '{ a: grams(2) }'),
      }),
      shop.module('b', {
        packageJson: packageJson('b', { 'shared-lib': two }),
        main: main('weigh', '{ b: weigh({ kilos: 3 }) }'),
      }),
    ]
    const installed: string[] = []
    for (const folder of folders) installed.push(join(home(), (await lay(folder)).as.folder))

    const catalogue = makeCatalogue({ folders: [], installed })
    await catalogue.discover()
    const modules = catalogue.modules().filter(isStartable)
    const launches = await startInOrder({ crew: shop.crew, modules, start: shop.start })
    expect(launches.map(({ state }) => state)).toEqual(['active', 'active'])
    expect(shop.journal().sort()).toEqual(['{"a":2000}', '{"b":{"grams":3000,"version":2}}'])
  })
})
