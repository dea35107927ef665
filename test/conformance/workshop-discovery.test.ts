import { existsSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeCatalogue } from '../../cli/workshop/catalogue.ts'
import { openCatalogueCache } from '../../cli/workshop/catalogue-cache.ts'
import { isStartable } from '../../cli/workshop/manifests.ts'
import { manifestOf, openWorkshop, type Workshop } from './workshop-folders.ts'

let shop: Workshop
beforeEach(async () => {
  shop = await openWorkshop()
})
afterEach(() => shop.close())

const catalogueOf = () => makeCatalogue({ folders: [shop.modules], packages: [join(shop.folder, 'packages')] })
const packaged = (name: string, keywords: string[]) => {
  const at = `packages/@someone/${name}`
  shop.file(`${at}/package.json`, JSON.stringify({ name: `@someone/${name}`, version: '3.1.0', keywords }))
  shop.file(`${at}/manifest.json`, JSON.stringify(manifestOf('labels')))
  return shop.file(`${at}/main.js`, '')
}

test('O57 one module is discovered once, under its declared name and with its package', async () => {
  packaged('recyclique-labels', ['recyclique-module'])
  packaged('other', ['unrelated'])
  const catalogue = catalogueOf()

  expect(await catalogue.discover()).toBe(1)
  expect(catalogue.modules()).toMatchObject([
    { name: 'labels', package: { name: '@someone/recyclique-labels', version: '3.1.0' } },
  ])
  expect(await catalogue.discover()).toBe(0)
  shop.module('later')
  expect(await catalogue.discover()).toBe(1)
})

test('O73 a point that the cache knows to be empty is used without reading a manifest again', async () => {
  const file = join(shop.module('labels', { manifest: { description: 'x'.repeat(60) } }), 'manifest.json')
  const cacheFile = join(shop.folder, 'cache', 'manifests.json')
  const noon = new Date('2026-03-14T12:00:00Z')
  utimesSync(file, noon, noon)
  const look = async () => {
    const catalogue = makeCatalogue({ folders: [shop.modules] }, await openCatalogueCache(cacheFile))
    await catalogue.discover()
    return catalogue
  }
  expect((await look()).at('price.suggest')).toEqual([])

  // The same time and size with other contents: only who reads the file again sees the point.
  const { size } = statSync(file)
  const answering = JSON.stringify(manifestOf('labels', { answers: [{ hook: 'price.suggest' }], description: 'x' }))
  writeFileSync(file, answering.padEnd(size))
  expect(statSync(file).size).toBe(size)
  utimesSync(file, noon, noon)
  expect((await look()).at('price.suggest')).toEqual([])

  utimesSync(file, noon, new Date(noon.getTime() + 1_000))
  expect((await look()).at('price.suggest')).toEqual(['labels'])
})

test.each([
  ['no JSON', 'nonsense'],
  ['another form', '{"form":0,"manifests":{}}'],
  ['an entry that is no manifest', undefined],
])('a cache that is wrong (%s) is made anew', async (_, text) => {
  const manifest = join(shop.module('labels'), 'manifest.json')
  const { mtimeMs, size } = statSync(manifest)
  const wrong = JSON.stringify({ form: 1, manifests: { [manifest]: { mtimeMs, size, manifest: { name: 7 } } } })
  const file = shop.file('cache.json', text ?? wrong)
  const catalogue = makeCatalogue({ folders: [shop.modules] }, await openCatalogueCache(file))

  expect(await catalogue.discover()).toBe(1)
  expect(catalogue.modules()).toMatchObject([{ name: 'labels', manifest: { version: '1.0.0' } }])
})

test('O64 a listing shows all four contributions to a point and starts none', async () => {
  const answers = [{ hook: 'price.suggest' }]
  for (const name of ['good', 'other-good', 'no-init', 'no-start']) shop.module(name, { manifest: { answers } })
  shop.module('elsewhere')
  const catalogue = catalogueOf()
  await catalogue.discover()

  expect(catalogue.at('price.suggest')).toEqual(['good', 'no-init', 'no-start', 'other-good'])
  expect(catalogue.at('code.resolve')).toEqual([])
  expect(existsSync(join(shop.folder, 'journal.txt'))).toBe(false)
})

test('O90 a folder without a manifest is reported, and the others are found', async () => {
  shop.module('bare', { manifest: null })
  shop.module('labels')
  const catalogue = catalogueOf()
  await catalogue.discover()

  const [bare, labels] = catalogue.modules()
  expect(bare).toMatchObject({
    name: 'bare',
    why: expect.stringMatching(/no \S+modules\/bare\/manifest\.json: write one/),
  })
  expect(labels && isStartable(labels)).toBe(true)
})

test.each([
  ['no JSON', '{', /broken\/manifest\.json: the whole is not JSON/],
  [
    'a bad field',
    { ...manifestOf('broken'), version: 'one' },
    /manifest\.json: \/version must be a version such as 1\.4\.0/,
  ],
  ['a bad range', manifestOf('broken', { requires: { auth: 'two' } }), /\/requires\/auth says 'two': write a range/],
  ['another name', manifestOf('other'), /\/name says 'other', but the folder is 'broken'/],
])('a manifest with %s is named with file, field and what to do', async (_, said, words) => {
  const at = shop.module('broken')
  writeFileSync(join(at, 'manifest.json'), typeof said === 'string' ? said : JSON.stringify(said))
  shop.module('labels')
  const catalogue = catalogueOf()

  expect(await catalogue.discover()).toBe(1)
  expect(catalogue.modules()[0]).toMatchObject({ name: 'broken', why: expect.stringMatching(words) })
})

test('a package without a main is a library, and no module', async () => {
  shop.module('kit', { manifest: null, main: null, packageJson: { name: 'kit', version: '1.0.0' } })
  const catalogue = catalogueOf()
  await catalogue.discover()
  expect(catalogue.modules()).toEqual([])
})

test('of two folders with one name the first is taken, and the other is said', async () => {
  shop.module('labels')
  packaged('recyclique-labels', ['recyclique-module'])
  const catalogue = catalogueOf()

  expect(await catalogue.discover()).toBe(1)
  expect(catalogue.modules()).toMatchObject([{ folder: join(shop.modules, 'labels') }])
  expect(catalogue.notes()).toEqual([expect.stringMatching(/labels is there twice: .*modules\/labels is taken/)])
})
