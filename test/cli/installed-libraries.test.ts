import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { isBundle, makeBundle } from '../../cli/installed/bundle.ts'
import { openDesk } from '../../cli/installed/desk.ts'
import { installedHome } from '../../cli/installed/home.ts'
import { layReady } from '../../cli/installed/install.ts'
import { reportLibraries, wordsOnLibraries } from '../../cli/installed/libraries.ts'
import { readSource } from '../../cli/installed/obtain.ts'
import { unpack } from '../../cli/installed/tarball.ts'
import { surveyModules } from '../../cli/up/find-modules.ts'
import { manifestOf } from '../conformance/workshop-folders.ts'
import { writeArchive } from './support/archives.ts'

let folder: string
let data: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'recyclique-libraries-'))
  data = join(folder, 'data')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const deskIn = (of: string) => openDesk({ data: of, agree: async () => {} })
const file = (path: string, text: string): string => {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
  return join(folder, path)
}
const library = (major: number, source: string): string => {
  const said = { name: 'shared-lib', version: `${major}.0.0`, type: 'module', exports: './index.js', license: 'MIT' }
  file(`libraries/${major}/package.json`, JSON.stringify(said))
  return `file:${dirname(file(`libraries/${major}/index.js`, source))}`
}
/** Prints what its library makes of it, and that the kit is found. */
const module = (name: string, from: string, use: string): string => {
  file(`${name}/manifest.json`, JSON.stringify(manifestOf(name)))
  const dependencies = { '@recyclique/contracts': '*', 'shared-lib': from }
  file(`${name}/package.json`, JSON.stringify({ name, version: '1.0.0', type: 'module', dependencies }))
  const main = `import { PriceSuggest } from '@recyclique/contracts'
import { weigh } from 'shared-lib'
const said: string = JSON.stringify([PriceSuggest.name, ${use}])
console.log(said)
`
  return dirname(file(`${name}/main.ts`, main))
}
const runIn = async (home: string, name: string): Promise<unknown> => {
  const found = readdirSync(home).find((one) => one.startsWith(`${name}-`))
  const { stdout } = await promisify(execFile)(process.execPath, [join(home, found!, 'main.ts')])
  return JSON.parse(stdout)
}

test('two modules use two versions of one library, also where they came in a bundle and without a network', async () => {
  const one = module('a', library(1, 'export const weigh = (kilos) => kilos * 1000'), 'weigh(2)')
  const two = module(
    'b',
    library(2, 'export const weigh = ({ kilos }) => ({ grams: kilos * 1000 })'),
    'weigh({ kilos: 3 })',
  )
  for (const source of [one, two]) await deskIn(data).add(await readSource(source))
  const home = installedHome(data)
  expect(await runIn(home, 'a')).toEqual(['price.suggest', 2000])
  expect(await runIn(home, 'b')).toEqual(['price.suggest', { grams: 3000 }])

  const report = wordsOnLibraries(await reportLibraries(await surveyModules({ home, folder: join(folder, 'none') })))
  expect(report.join('\n')).toMatch(/No range of versions:\n {2}shared-lib: a wants file:.*, b wants file:/)
  expect(report.join('\n')).toMatch(/MIT +shared-lib 1\.0\.0, shared-lib 2\.0\.0/)

  const bundle = join(folder, 'bundle.tgz')
  const { modules, sha256 } = await makeBundle(home, [], bundle)
  expect(modules.map(({ name }) => name)).toEqual(['a', 'b'])
  expect(sha256).toBe(createHash('sha256').update(readFileSync(bundle)).digest('hex'))
  expect(await isBundle(bundle)).toBe(true)
  await rm(join(folder, 'libraries'), { recursive: true })
  const elsewhere = join(folder, 'elsewhere')
  const { outcomes } = await deskIn(elsewhere).addBundle(bundle)
  expect(outcomes.map(({ name }) => name)).toEqual(['a', 'b'])
  expect(await runIn(installedHome(elsewhere), 'b')).toEqual(['price.suggest', { grams: 3000 }])
  expect((await deskIn(elsewhere).addBundle(bundle)).left).toEqual([
    'a 1.0.0 is here already: 1.0.0 is left out',
    'b 1.0.0 is here already: 1.0.0 is left out',
  ])
})

test('a bundle in which anything was changed, added or taken out installs nothing, and says what', async () => {
  file('a/manifest.json', JSON.stringify(manifestOf('a')))
  await deskIn(data).add(await readSource(dirname(file('a/main.ts', 'export {}\n'))))
  const bundle = join(folder, 'bundle.tgz')
  await makeBundle(installedHome(data), ['a'], bundle)
  await expect(makeBundle(installedHome(data), ['nobody'], bundle)).rejects.toThrow('nobody was not added')
  const open = join(folder, 'open')
  mkdirSync(open)
  await unpack(bundle, open, { bytes: 1e6, entries: 100 })
  const [at = ''] = readdirSync(open).filter((name) => name.startsWith('a-'))
  const texts = new Map(
    ['bundle.json', `${at}/main.ts`, `${at}/manifest.json`].map((path) => [
      path,
      readFileSync(join(open, path), 'utf8'),
    ]),
  )
  const refused = async (change: (files: Map<string, string>) => void, words: RegExp) => {
    const files = new Map(texts)
    change(files)
    const entries = [...files].map(([path, text]) => ({ path, text }))
    const changed = writeArchive(join(folder, 'changed.tgz'), entries)
    const elsewhere = join(folder, 'elsewhere')
    await expect(deskIn(elsewhere).addBundle(changed)).rejects.toThrow(words)
    expect(readdirSync(installedHome(elsewhere)).filter((name) => name !== 'node_modules')).toEqual([])
  }
  await refused((files) => files.set(`${at}/main.ts`, 'evil()'), /main\.ts is not the file that was packed/)
  await refused(
    (files) => files.set(`${at}/node_modules/x/index.js`, 'evil()'),
    /x\/index\.js does not stand in its list/,
  )
  await refused((files) => files.delete(`${at}/main.ts`), /main\.ts is missing/)
  await refused((files) => files.set('other/main.ts', ''), /other does not stand in its list/)
  // List and file changed alike: the folder's own name is a hash as well.
  await refused((files) => {
    const hash = (text = '') => createHash('sha256').update(text).digest('hex')
    const list = texts.get('bundle.json') ?? ''
    files.set('bundle.json', list.replace(hash(texts.get(`${at}/main.ts`)), hash('evil()')))
    files.set(`${at}/main.ts`, 'evil()')
  }, /is not what its name says/)
})

test('a package comes from a registry by name and range, under the hash that the registry says', async () => {
  const archive = readFileSync(
    writeArchive(join(folder, 'x.tgz'), [
      { path: 'package/manifest.json', text: JSON.stringify({ ...manifestOf('labels'), version: '1.2.0' }) },
      { path: 'package/package.json', text: JSON.stringify({ name: 'labels-module', version: '1.2.0' }) },
      { path: 'package/main.js', text: '' },
    ]),
  )
  let integrity = `sha512-${createHash('sha512').update(archive).digest('base64')}`
  const server = createServer((request, response) => {
    if (request.url?.endsWith('.tgz')) return void response.end(archive)
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const version = (number: string) => ({
      ...{ name: 'labels-module', version: number },
      dist: { tarball: `${base}/labels-module-${number}.tgz`, integrity },
    })
    const versions = { '1.2.0': version('1.2.0'), '2.0.0': version('2.0.0') }
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ name: 'labels-module', 'dist-tags': { latest: '2.0.0' }, versions }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const registry = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const home = installedHome(data)
  // A wrong hash is a reason for npm to try again for a while.
  vi.stubEnv('npm_config_fetch_retries', '0')
  vi.stubEnv('npm_config_cache', join(folder, 'npm'))
  try {
    const laid = await layReady(home, await readSource('labels-module@^1.0', registry))
    expect(laid).toMatchObject({ name: 'labels', as: { version: '1.2.0', source: 'labels-module@^1.0', registry } })
    expect(existsSync(join(home, laid.as.folder, 'main.js'))).toBe(true)

    integrity = `sha512-${createHash('sha512').update('another').digest('base64')}`
    await expect(layReady(home, await readSource(`${registry}labels-module@^1.0`))).rejects.toThrow(
      /npm could not fetch labels-module@\^1\.0: .*integrity/i,
    )
  } finally {
    vi.unstubAllEnvs()
    server.close()
  }
})
