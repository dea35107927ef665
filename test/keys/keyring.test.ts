import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { moduleCredentials } from '../../kernel/keys/credentials.ts'
import { initKeys, openKeyring } from '../../kernel/keys/keyring.ts'
import { knownModules } from '../../kernel/keys/module-keys.ts'
import { serverConfig } from '../../kernel/keys/server-config.ts'

let folder: string
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'recyclique-keys-')), 'keys')
})
afterEach(() => rm(join(folder, '..'), { recursive: true, force: true }))

const files = async () => {
  const names = (await readdir(folder)).sort()
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const)),
  )
}

test('keys are made once, and a second call changes nothing', async () => {
  const first = await initKeys(folder, 'essai')
  const before = await files()
  const second = await initKeys(folder, 'essai')

  expect(await files()).toEqual(before)
  expect(second.operator.publicKey).toBe(first.operator.publicKey)
  expect(Object.keys(before).every((name) => !name.includes('draft'))).toBe(true)
})

test.skipIf(process.platform === 'win32')('nobody else can read the keys', async () => {
  const keyring = await initKeys(folder, 'essai')
  await moduleCredentials(keyring, 'stock')
  const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8)

  expect(await modeOf(folder)).toBe('700')
  expect(await modeOf(join(folder, 'modules', 'stock'))).toBe('700')
  expect(await modeOf(join(folder, 'modules', 'stock', 'user.seed'))).toBe('600')
  for (const name of Object.keys(await files().catch(() => ({})))) expect(await modeOf(join(folder, name))).toBe('600')
})

test('ten that start at once agree on one keyring', async () => {
  const keyrings = await Promise.all(Array.from({ length: 10 }, () => initKeys(folder, 'essai')))
  const modules = await Promise.all(keyrings.map((keyring) => moduleCredentials(keyring, 'stock')))

  expect(new Set(keyrings.map(({ operator, sys, kernel }) => `${operator.seed}${sys.seed}${kernel.seed}`)).size).toBe(1)
  expect(new Set(modules.map(({ creds }) => creds.split('SEED')[1])).size).toBe(1)
})

test.each(['site', 'sys.jwt', 'operator.jwt', 'kernel-user.seed', 'sys-user.seed'])(
  'a keyring that was interrupted before %s is completed, and what was there stays',
  async (missing) => {
    const first = await initKeys(folder, 'essai')
    await rm(join(folder, missing))
    await expect(openKeyring(folder)).rejects.toMatchObject({ code: 'keys-incomplete' })

    const completed = await initKeys(folder, 'essai')

    expect(completed.operator.seed).toBe(first.operator.seed)
    expect(completed.kernel.seed).toBe(first.kernel.seed)
  },
)

test.each(['operator.seed', 'sys.seed', 'kernel.seed'])(
  '%s is not made anew where others depend on it',
  async (lost) => {
    await initKeys(folder, 'essai')
    await rm(join(folder, lost))

    await expect(initKeys(folder, 'essai')).rejects.toMatchObject({
      code: 'keys-lost',
      message: expect.stringContaining(lost),
    })
  },
)

test('a damaged seed is named, and its text is not', async () => {
  const { kernel } = await initKeys(folder, 'essai')
  const damaged = kernel.seed.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))
  await writeFile(join(folder, 'kernel.seed'), damaged)

  const refused = await openKeyring(folder).catch((error: Error) => error)

  expect(refused).toMatchObject({ code: 'keys-damaged', message: expect.stringContaining('kernel.seed') })
  expect(String((refused as Error).stack) + String((refused as Error).cause)).not.toContain(damaged.slice(4, 20))
})

test('a token of another keyring is noticed', async () => {
  await initKeys(folder, 'essai')
  const other = await initKeys(join(folder, '..', 'other'), 'essai')
  await writeFile(join(folder, 'sys.jwt'), other.sysJwt)

  await expect(openKeyring(folder)).rejects.toMatchObject({ code: 'keys-damaged' })
})

test('the keyring of one site does not serve another', async () => {
  await initKeys(folder, 'essai')

  await expect(initKeys(folder, 'autre')).rejects.toMatchObject({ code: 'keys-other-site' })
  await expect(initKeys(folder, 'No Token')).rejects.toThrow(RangeError)
})

test('a folder without keys says what to type', async () => {
  await expect(openKeyring(folder)).rejects.toMatchObject({
    code: 'keys-missing',
    message: expect.stringContaining('keys init'),
  })
})

test('a module has a name that is no path', async () => {
  const keyring = await initKeys(folder, 'essai')

  for (const name of ['../stock', 'a.b', '', 'A', '*'])
    await expect(moduleCredentials(keyring, name)).rejects.toThrow(RangeError)
  expect(await knownModules(keyring)).toEqual([])
})

test('the configuration of the server holds no secret, lets nobody in without credentials and listens on loopback', async () => {
  const keyring = await initKeys(folder, 'essai')
  await moduleCredentials(keyring, 'stock')
  const text = await serverConfig({ keyring, dataDir: '/data/nats', port: 4222 })

  for (const key of [keyring.operator, keyring.sys, keyring.sysUser, keyring.kernel, keyring.kernelUser]) {
    expect(text).not.toContain(key.seed)
  }
  expect(text).not.toContain('no_auth_user')
  expect(text).toContain('listen: "127.0.0.1:4222"')
  expect(text).toContain((await knownModules(keyring))[0]?.publicKey)
})
