import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TrustEntry } from '@recyclique/contracts'
import { create, extract } from 'tar'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { layBundle, makeBundle } from '../../cli/installed/bundle.ts'
import { changeOne } from '../../cli/installed/index-file.ts'
import { layReady } from '../../cli/installed/install.ts'
import { readSource } from '../../cli/installed/obtain.ts'
import { signSource } from '../../cli/installed/sign.ts'
import { makeSigningKey, readSigningKey } from '../../cli/installed/signing-key.ts'
import { manifestOf } from '../conformance/workshop-folders.ts'
import { runCli } from './support/run-cli.ts'

let folder: string
let home: string
let key: string
let said: string[]
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'recyclique-signed-'))
  home = join(folder, 'data', 'installed')
  said = []
  key = await makeSigningKey(join(folder, 'key.pem'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const file = (path: string, text: string): string => {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
  return join(folder, path)
}
const module = (name = 'labels', version = '1.0.0'): string => {
  file(`${name}/manifest.json`, JSON.stringify({ ...manifestOf(name), version }))
  file(`${name}/lib/price.ts`, 'export const price = 1\n')
  return dirname(file(`${name}/main.ts`, 'export {}\n'))
}
const sign = (path: string) => signSource(path, join(folder, 'key.pem'))
const trusted = (policy: TrustEntry['policy'] = 'require', keys = [{ name: 'La Boucle', key }]) => ({
  policy,
  keys,
  say: (line: string) => void said.push(line),
})
const lay = async (source: string, trust = trusted()) => layReady(home, await readSource(source), trust)
const laid = () => readdirSync(home).filter((name) => name.startsWith('labels'))

test('a module that somebody who is trusted has signed is taken, and it is known who', async () => {
  expect(await sign(module())).toEqual({ title: 'labels 1.0.0', key })
  expect((await lay(join(folder, 'labels'))).as.signedBy).toBe('La Boucle')
  expect(said).toEqual([])
})

test.each<[string, () => void, string]>([
  ['changed', () => file('labels/lib/price.ts', 'export const price = 0\n'), 'lib/price.ts was changed'],
  ['added', () => file('labels/lib/more.ts', ''), 'lib/more.ts was added'],
  ['taken out', () => rmSync(join(folder, 'labels/lib/price.ts')), 'lib/price.ts is missing'],
  ['of another version', () => void module('labels', '1.0.1'), 'it was signed as labels 1.0.0'],
])(
  'a file that was %s after it was signed is named, and nothing is installed, whatever the policy',
  async (_, change, words) => {
    await sign(module())
    change()
    for (const policy of ['require', 'warn'] as const)
      await expect(lay(join(folder, 'labels'), trusted(policy))).rejects.toThrow(words)
    expect(laid()).toEqual([])
  },
)

test('a list that was changed with the file is found as well, and so is a key that was put in its place', async () => {
  const path = module()
  await sign(path)
  const at = join(path, 'signature.json')
  const signed = JSON.parse(readFileSync(at, 'utf8'))
  const other = await makeSigningKey(join(folder, 'other.pem'))
  writeFileSync(at, JSON.stringify({ ...signed, files: { ...signed.files, 'main.ts': '0'.repeat(64) } }))
  await expect(lay(path)).rejects.toThrow('signature.json itself was changed')
  writeFileSync(at, JSON.stringify({ ...signed, key: other }))
  await expect(lay(path, trusted('require', [{ name: 'other', key: other }]))).rejects.toThrow(
    'signature.json itself was changed',
  )
  writeFileSync(at, '{"form":1}')
  await expect(lay(path)).rejects.toThrow(/signature\.json: \/name/)
})

test('one that nobody signed, or somebody unknown, is refused, or said, or taken, as the policy has it', async () => {
  const path = module()
  await expect(lay(path)).rejects.toThrow('labels 1.0.0 is not signed, and this centre takes no other')
  await sign(path)
  const others = [{ name: 'other', key: await makeSigningKey(join(folder, 'other.pem')) }]
  await expect(lay(path, trusted('require', others))).rejects.toThrow(`is signed by ${key}, which nobody here trusts`)
  expect((await lay(path, trusted('warn', others))).as.signedBy).toBeUndefined()
  expect(said).toEqual([
    `labels 1.0.0 is signed by ${key}, which nobody here trusts. It is taken all the same (signatures: policy: warn).`,
  ])
  await lay(path, trusted('off', others))
  expect(said).toHaveLength(1)
})

test('an archive is signed where it lies, and taken like a folder', async () => {
  module()
  const archive = join(folder, 'labels.tgz')
  await create(
    { file: archive, cwd: join(folder, 'labels'), gzip: true, prefix: 'package' },
    readdirSync(join(folder, 'labels')),
  )
  await expect(lay(archive)).rejects.toThrow('is not signed')
  await sign(archive)
  expect((await lay(archive)).as.signedBy).toBe('La Boucle')
})

test('a bundle is signed with its libraries; one that was changed, or that nobody signed, is refused', async () => {
  const { name, as } = await lay(module(), trusted('off'))
  await changeOne(home, name, () => ({ inForce: as }))
  const [plain, signed, changed] = ['plain', 'signed', 'changed'].map((one) => join(folder, `${one}.tgz`))
  await makeBundle(home, [], plain!)
  await makeBundle(home, [], signed!, await readSigningKey(join(folder, 'key.pem')))
  const elsewhere = join(folder, 'elsewhere', 'installed')
  await expect(layBundle(elsewhere, plain!, trusted())).rejects.toThrow('plain.tgz is not signed')
  expect((await layBundle(elsewhere, signed!, trusted()))[0]?.as.signedBy).toBe('La Boucle')

  const work = join(folder, 'work')
  mkdirSync(work)
  await extract({ file: signed!, cwd: work })
  const list = JSON.parse(readFileSync(join(work, 'bundle.json'), 'utf8'))
  list.modules[0].source = 'somewhere else'
  writeFileSync(join(work, 'bundle.json'), JSON.stringify(list))
  await create({ file: changed!, cwd: work, gzip: true }, readdirSync(work))
  await expect(layBundle(elsewhere, changed!, trusted())).rejects.toThrow('its list was changed after it was signed')
  await expect(sign(signed!)).rejects.toThrow('is a bundle: it is signed when it is packed')
})

test('a key is its owner’s alone, is never replaced, and a file that holds none is named', async () => {
  expect(statSync(join(folder, 'key.pem')).mode & 0o077).toBe(0)
  await expect(makeSigningKey(join(folder, 'key.pem'))).rejects.toThrow('is there already: a key is never replaced')
  await expect(signSource(module(), join(folder, 'none.pem'))).rejects.toThrow(/none\.pem cannot be read/)
  await expect(signSource(module(), file('bad.pem', 'x'))).rejects.toThrow('holds no key that signs modules')
})

test('the commands: a key, a signature, and a centre that takes nothing else', async () => {
  const config = file(
    'recyclique.yaml',
    `signatures:\n  policy: require\n  keys: [{ name: La Boucle, key: "${key}" }]\nmodules: []\n`,
  )
  const path = module()
  const add = () => runCli(['modules', 'add', path, '--data', join(folder, 'data'), '--config', config])
  const refused = await add()
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('labels 1.0.0 is not signed')])
  const signed = await runCli(['modules', 'sign', path, '--key', join(folder, 'key.pem')])
  expect(signed.stdout).toContain(`labels 1.0.0 in ${path} is signed by ${key}`)
  expect((await add()).stdout).toContain('labels 1.0.0 is installed, signed by La Boucle.')
})
