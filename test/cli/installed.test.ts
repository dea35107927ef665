import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { changeOne, indexFile, readIndex } from '../../cli/installed/index-file.ts'
import { layReady } from '../../cli/installed/install.ts'
import { readSource } from '../../cli/installed/obtain.ts'
import { unpack } from '../../cli/installed/tarball.ts'
import { checkModule } from '../../cli/workshop/check-module.ts'
import { manifestOf } from '../conformance/workshop-folders.ts'
import { type Entry, writeArchive } from './support/archives.ts'

let folder: string
let home: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'recyclique-installed-'))
  home = join(folder, 'data', 'installed')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const file = (path: string, text: string): string => {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
  return join(folder, path)
}
const module = (name: string, manifest: object = {}, packageJson: object = {}): string => {
  file(`${name}/manifest.json`, JSON.stringify({ ...manifestOf(name), ...manifest }, null, 2))
  file(`${name}/package.json`, JSON.stringify({ name, version: '1.0.0', type: 'module', ...packageJson }))
  return dirname(file(`${name}/main.ts`, 'export {}\n'))
}
const archive = (...entries: Entry[]): string => writeArchive(join(folder, 'module.tgz'), entries)
const whole: Entry[] = [
  { path: 'package/manifest.json', text: JSON.stringify(manifestOf('labels')) },
  { path: 'package/main.ts', text: 'export {}\n' },
]
const lay = async (source: string) => layReady(home, await readSource(source))
const laid = () => (existsSync(home) ? readdirSync(home).filter((name) => /^(labels|\.new)/.test(name)) : [])

test('a folder and an archive of the same files are the same module', async () => {
  const fromFolder = await lay(module('labels'))
  expect(fromFolder.as.folder).toMatch(/^labels-1\.0\.0-[0-9a-f]{12}$/)
  const texts = ['manifest.json', 'package.json', 'main.ts'].map((name): Entry => {
    return { path: `labels/${name}`, text: readFileSync(join(folder, 'labels', name), 'utf8') }
  })
  expect((await lay(archive(...texts))).as.folder).toBe(fromFolder.as.folder)
  expect(laid()).toEqual([fromFolder.as.folder])
})

test.each<[string, Entry, RegExp]>([
  ['a path above its folder', { path: '../evil.ts', text: 'x' }, /"\.\.\/evil\.ts" leads out of its folder/],
  ['a path above by a detour', { path: 'package/a/../../../evil', text: 'x' }, /leads out of its folder/],
  ['an absolute path', { path: '/etc/evil', text: 'x' }, /"\/etc\/evil" is an absolute path/],
  ['a link', { path: 'package/l', type: 'SymbolicLink', linkpath: '/etc/passwd' }, /"package\/l" is a link to "\/etc/],
  ['a hard link', { path: 'package/l', type: 'Link', linkpath: '/etc/passwd' }, /"package\/l" is a link/],
  ['a device', { path: 'package/d', type: 'CharacterDevice' }, /"package\/d" is neither a file nor a folder/],
  ['a pipe', { path: 'package/p', type: 'FIFO' }, /neither a file nor a folder \(FIFO\)/],
])('an archive with %s is refused by name, and nothing of it is there', async (_, entry, words) => {
  await expect(lay(archive(...whole, entry))).rejects.toThrow(words)
  expect(laid()).toEqual([])
  expect(existsSync(join(folder, 'evil.ts'))).toBe(false)
  expect(existsSync(join(home, 'evil.ts'))).toBe(false)
})

test('an archive that comes to more than a module can be is not read to its end', async () => {
  const bounds = { bytes: 100_000, entries: 3 }
  const into = join(folder, 'into')
  mkdirSync(into)
  const refused = (of: string) => expect(unpack(of, into, bounds)).rejects
  await refused(archive({ path: 'a', size: 1e12 })).toThrow(/comes to more than .* MB/)
  await refused(archive({ path: 'a', text: 'x'.repeat(200_000) })).toThrow(/comes to more than/)
  await refused(archive(...'abcd'.split('').map((path) => ({ path })))).toThrow('more than 3 entries')
  // Behind the end of the archive a few kilobytes become a megabyte of nothing.
  await refused(writeArchive(join(folder, 'bomb.tgz'), [{ path: 'a' }], 1_000_000)).toThrow(/comes to more than/)
  expect(readdirSync(into)).toEqual([])
})

test('what is no archive, a cut one, and one without a module are told apart', async () => {
  await expect(lay(file('x.tgz', 'no archive at all'))).rejects.toThrow(/x\.tgz is no tar archive that can be read/)
  const cut = readFileSync(archive({ path: 'package/a', text: 'x'.repeat(5_000) }))
  writeFileSync(join(folder, 'cut.tgz'), cut.subarray(0, cut.length - 20))
  await expect(lay(join(folder, 'cut.tgz'))).rejects.toThrow(/no tar archive that can be read/)
  await expect(lay(archive({ path: 'package/readme.md', text: 'hello' }))).rejects.toThrow(
    /there is no .*manifest\.json/,
  )
  expect(laid()).toEqual([])
})

test('everything that is wrong with a module is said at once, with line and field, and nothing is installed', async () => {
  const at = module(
    'labels',
    {
      version: 'one',
      kernel: 'soon',
      description: 'x'.repeat(1_000_000),
    },
    { dependencies: { beside: 'file:../beside' } },
  )
  symlinkSync('/etc/hostname', join(at, 'secret'))
  const flaws = await checkModule(at)
  expect(flaws).toEqual([
    expect.stringMatching(/manifest\.json, line 3: \/version must be a version such as 1\.4\.0$/),
    expect.stringMatching(/manifest\.json, line 4: \/description must be text of at most 500 characters$/),
    'secret is a link to /etc/hostname, outside its folder: put the file itself there',
    expect.stringMatching(
      /package\.json: \/dependencies\/beside says 'file:\.\.\/beside': an installed module does not/,
    ),
  ])
  await expect(lay(at)).rejects.toThrow(/labels is not installed:\n {2}manifest\.json, line 3: \/version must be/)
  expect(laid()).toEqual([])
})

test.each<[string, object, RegExp]>([
  ['a bad range', { requires: { auth: 'two' } }, /line 11: \/requires\/auth says 'two': write a range/],
  [
    'an unknown question',
    { answers: [{ hook: 'price.sugest' }] },
    /\/answers\/0\/hook names 'price\.sugest': there is no/,
  ],
  ['an unknown argument', { answers: [{ hook: 'price.suggest', args: ['colour'] }] }, /args\/0 names 'colour'/],
  ['an unknown fact', { hears: ['sale.recordet'] }, /\/hears\/0 names 'sale\.recordet': there is no such fact/],
  [
    'a handler that is there twice',
    { answers: [{ hook: 'price.suggest' }, { hook: 'code.resolve', handler: 'price.suggest' }] },
    /\/answers\/1 says 'price\.suggest', which stands there twice/,
  ],
  ['itself among its needs', { requires: { labels: '^1' } }, /\/requires\/labels names the module itself/],
  ['another wire', { protocol: { min: 7, max: 9 } }, /\/protocol is 7 to 9: this program speaks 1/],
  ['a fact of somebody else', { tells: [{ name: 'till.moved', version: 1, data: { type: 'object' } }] }, /begin with/],
  ['a schema that is none', { tells: [{ name: 'labels.x', version: 1, data: { type: 'text' } }] }, /tells\/0\/data/],
])('a manifest with %s is refused by line and field', async (_, manifest, words) => {
  const [flaw, ...others] = await checkModule(module('labels', manifest))
  expect(flaw).toMatch(words)
  expect(others).toEqual([])
})

test('a question of a module that is needed may be answered, whether that module is here or not', async () => {
  const manifest = { requires: { stock: '^1' }, answers: [{ hook: 'stock.counted' }], hears: ['stock.moved'] }
  expect(await checkModule(module('labels', manifest))).toEqual([])
})

test('an index that is damaged is named, and a change that fails changes nothing', async () => {
  const version = { version: '1.0.0', folder: 'labels-1.0.0-abc', source: 'x', at: '2026-03-14T12:00:00.000Z' }
  await changeOne(home, 'labels', () => ({ inForce: version }))
  const refuse = () => {
    throw new Error('no')
  }
  await expect(changeOne(home, 'labels', refuse)).rejects.toThrow('no')
  expect(await readIndex(home)).toEqual({ labels: { inForce: version } })
  // Many at once: none overwrites what another wrote.
  const names = ['a', 'b', 'c', 'd', 'e']
  await Promise.all(names.map((name) => changeOne(home, name, () => ({ inForce: version }))))
  expect(Object.keys(await readIndex(home)).sort()).toEqual([...names, 'labels'])

  writeFileSync(indexFile(home), '{"form":1,"modules":{"labels":{"inForce":{"folder":"../.."}}}}')
  await expect(readIndex(home)).rejects.toThrow(/index\.json: .*folder must be the name of a folder/)
})

test('what a killed install left is swept by the next one, and what another is at is left alone', async () => {
  mkdirSync(join(home, '.new-999999-dead'), { recursive: true })
  mkdirSync(join(home, `.new-${process.ppid}-alive`))
  await lay(module('labels'))
  expect(laid().filter((name) => name.startsWith('.new'))).toEqual([`.new-${process.ppid}-alive`])
})

test('what can be typed is told apart, and a slip is answered with what there is', async () => {
  const at = module('labels')
  expect(await readSource(at)).toEqual({ kind: 'folder', path: at })
  expect(await readSource('labels-module@^1.2')).toMatchObject({ kind: 'npm', spec: 'labels-module@^1.2' })
  expect(await readSource('https://registry.example/npm/@some/labels@1.x')).toEqual({
    kind: 'npm',
    spec: '@some/labels@1.x',
    registry: 'https://registry.example/npm/',
  })
  expect(await readSource('https://files.example/labels-1.0.0.tgz')).toMatchObject({
    spec: 'https://files.example/labels-1.0.0.tgz',
  })
  await expect(readSource('./nowhere')).rejects.toThrow(/there is no folder or file/)
  await expect(readSource('git+ssh://somewhere/x')).rejects.toThrow(/nothing that a module can come from/)
  await expect(readSource('--registry=http://evil')).rejects.toThrow(/nothing that a module can come from/)
})
