import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineModule } from '@recyclique/sdk'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { checkComplete } from '../../modules/sdk/define-module.ts'
import { listBundle } from '../../modules/sdk/list-bundle.ts'
import { manifestOf } from '../registry/module-on-wire.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'recyclique-bundle-'))
  await mkdir(join(folder, 'assets'))
  await writeFile(join(folder, 'index.html'), '<h1>Stock</h1>')
  await writeFile(join(folder, 'assets', 'app.js'), 'go()')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test('a folder is listed with all below it, the same each time, without what begins with a dot', async () => {
  await writeFile(join(folder, '.env'), 'TOKEN=1')
  await mkdir(join(folder, '.git'))
  await writeFile(join(folder, '.git', 'config'), 'x')
  const { listing, claim } = listBundle(folder)

  expect(listing.map(({ path, bytes }) => [path, bytes])).toEqual([
    ['assets/app.js', 4],
    ['index.html', 14],
  ])
  expect(claim).toEqual({ sha256: listBundle(folder).claim.sha256, files: 2, bytes: 18 })
  await writeFile(join(folder, 'assets', 'app.js'), 'stop')
  expect(listBundle(folder).claim.sha256).not.toBe(claim.sha256)
})

test('a link that leads out of the folder is refused by name; one that stays inside is a file like any other', async () => {
  await symlink(join(folder, 'index.html'), join(folder, 'start.html'))
  expect(listBundle(folder).files.get('start.html')?.bytes).toBe(14)
  await symlink('/etc/hostname', join(folder, 'assets', 'host.txt'))
  expect(() => listBundle(folder)).toThrow(/assets\/host\.txt leads out of it, to \/etc\/hostname: put a copy there/)
})

test('a linked folder is refused: it may hold itself', async () => {
  await symlink(folder, join(folder, 'assets', 'again'))
  expect(() => listBundle(folder)).toThrow(/assets\/again/)
})

test('a name that not every address and disk can bear is refused with what to do', async () => {
  await writeFile(join(folder, 'été.html'), '')
  expect(() => listBundle(folder)).toThrow(/'été\.html' must be a path such as .*: rename it/)
})

test('too many files, too many bytes, none at all, and a folder that is not there', async () => {
  const many = join(folder, 'many')
  await mkdir(many)
  await Promise.all(Array.from({ length: 2_001 }, (_, n) => writeFile(join(many, `${n}.txt`), '')))
  expect(() => listBundle(many)).toThrow('it holds 2001 files, and 2000 is the most')
  await writeFile(join(folder, 'assets', 'film.mp4'), Buffer.alloc(51_000_000))
  expect(() => listBundle(join(folder, 'assets'))).toThrow('it holds 51 MB, and 50 is the most')
  await mkdir(join(folder, 'empty'))
  expect(() => listBundle(join(folder, 'empty'))).toThrow('it holds no file')
  expect(() => listBundle(join(folder, 'nowhere'))).toThrow(
    /nowhere cannot be handed over: it cannot be read \(ENOENT\)/,
  )
})

const paged = (more: object) => defineModule(manifestOf('stock', { hears: [], ...more })).pages(folder)
const start = (more: object) => checkComplete(paged(more))

test('what the manifest says of pages and what the folder holds must fit', async () => {
  start({ pages: [{ path: '/', title: 'Stock', icon: '/assets/app.js' }] })
  start({ pages: [{ path: '/item', title: 'An item: the page’s own script looks at the address' }] })
  expect(() => start({ pages: [{ path: '/', title: 'Stock', icon: '/icon.svg' }] })).toThrow(/icon \/icon\.svg/)
  await rm(join(folder, 'index.html'))
  expect(() => start({ pages: [{ path: '/item', title: 'An item' }] })).toThrow(
    /lists the page \/item, but nothing answers there/,
  )
})

test('a route that a file stands in front of would never be asked: it is refused', () => {
  const module = paged({ routes: [{ method: 'GET', path: '/' }] }).route('GET', '/', () => ({ body: '' }))
  expect(() => checkComplete(module)).toThrow('a file of the pages stands in front of the route GET /')
})
