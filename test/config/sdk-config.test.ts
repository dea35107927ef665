import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineModule, openConfig } from '@recyclique/sdk'
import { Type } from '@sinclair/typebox'
import { afterEach, expect, test } from 'vitest'
import { checkComplete } from '../../modules/sdk/define-module.ts'
import { manifestOf } from '../registry/module-on-wire.ts'

const schema = Type.Object({
  url: Type.String(),
  retries: Type.Integer({ minimum: 1, default: 5 }),
  token: Type.Optional(Type.String({ minLength: 4, secret: true })),
})
const kept = (values: Record<string, unknown>) => ({
  values,
  origins: Object.fromEntries(Object.keys(values).map((key) => [key, 'a test'])),
})
const opened = (given: Record<string, unknown> = {}) => {
  const config = openConfig(schema)
  config.begin(given)
  return config
}
afterEach(() => {
  delete process.env.SDK_TEST_TOKEN
})

test('defaults, over them what the process was given, over that what the kernel keeps', async () => {
  const config = opened({ url: 'https://given', retries: 2 })
  expect(() => config.current).toThrow('what is set is read before the module runs')
  expect(await config.take(undefined)).toEqual({ ok: true })
  expect(config.current).toEqual({ url: 'https://given', retries: 2 })
  await config.take(kept({ retries: 9 }))
  expect(config.current).toEqual({ url: 'https://given', retries: 9 })
  await config.take(kept({}))
  expect(config.current.retries).toBe(2)
})

test('onChange hears what is in force first, then each change once, and nothing where nothing changed', async () => {
  const heard: unknown[] = []
  const config = opened({ url: 'a' })
  config.onChange((now, before) => heard.push([before?.url, now.url]))
  await config.take(undefined)
  await config.take(undefined)
  await config.take(kept({ url: 'b' }))
  await config.take(kept({ url: 'b' }))
  expect(heard).toEqual([
    [undefined, 'a'],
    ['a', 'b'],
  ])
})

test('a change that onChange throws on keeps the old, and says why; the next one that fits is taken', async () => {
  const config = opened({ url: 'a' })
  config.onChange(async ({ url }) => {
    if (url === 'https://gone') throw new Error('https://gone does not answer')
  })
  await config.take(undefined)
  expect(await config.take(kept({ url: 'https://gone' }))).toEqual({
    ok: false,
    words: 'could not be taken: https://gone does not answer',
  })
  expect(config.current.url).toBe('a')
  expect(config.refused).toBe('could not be taken: https://gone does not answer')
  expect(await config.take(kept({ url: 'c' }))).toEqual({ ok: true })
  expect([config.current.url, config.refused]).toEqual(['c', undefined])
})

test('changes are taken one after the other, the last one last', async () => {
  const config = opened({ url: 'a' })
  const gate = Promise.withResolvers<void>()
  config.onChange(({ url }) => (url === 'slow' ? gate.promise : undefined))
  await config.take(undefined)
  const taking = [config.take(kept({ url: 'slow' })), config.take(kept({ url: 'fast' }))]
  expect(config.current.url).toBe('a')
  gate.resolve()
  await Promise.all(taking)
  expect(config.current.url).toBe('fast')
})

test('every flaw at once, told apart by who said it; nothing is in force until they are mended', async () => {
  const config = opened({ retries: 0, token: 'plain-secret' })
  expect(config.flaws).toEqual([
    { key: 'retries', why: expect.stringContaining('greater or equal to 1'), kept: false },
    { key: 'token', why: expect.stringContaining('is a secret: put it into a variable'), kept: false },
    { key: 'url', why: 'is not set', kept: false },
  ])
  const taken = await config.take(kept({ url: 'a', retries: 3, token: 'env:SDK_TEST_TOKEN' }))
  expect(taken).toEqual({
    ok: false,
    words: 'token names the variable SDK_TEST_TOKEN, which is not set in the module’s process',
  })
  expect(config.flaws).toMatchObject([{ key: 'token', kept: true }])
  expect(config.isReady).toBe(false)
  process.env.SDK_TEST_TOKEN = 'abc'
  expect((await config.take(kept({ url: 'a', retries: 3, token: 'env:SDK_TEST_TOKEN' }))).words).toMatch(
    /^token leads to a secret that must be string length greater or equal to 4/,
  )
  process.env.SDK_TEST_TOKEN = 'abcd'
  expect(await config.take(kept({ url: 'a', retries: 3, token: 'env:SDK_TEST_TOKEN' }))).toEqual({ ok: true })
  expect([config.flaws, config.isReady]).toEqual([[], true])
})

test('a secret is looked up at each reading, and no listing of the fields shows it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'recyclique-secret-'))
  const path = join(folder, 'token')
  await writeFile(path, 's3cret-1\n')
  const config = opened({ url: 'a' })
  await config.take(kept({ token: `file:${path}` }))
  expect(config.current.token).toBe('s3cret-1')
  await writeFile(path, 's3cret-2\n')
  expect(config.current.token).toBe('s3cret-2')
  expect(JSON.stringify(config.current)).toBe('{"retries":5,"url":"a"}')
  expect(JSON.stringify({ ...config.current })).not.toContain('s3cret')
  await rm(folder, { recursive: true })
  expect(() => config.current.token).toThrow(`names the file ${path}, which the module’s process cannot read (ENOENT)`)
  expect((await config.take(kept({ token: `file:${path}`, retries: 2 }))).ok).toBe(false)
  expect(config.current.retries).toBe(5)
})

test('manifest and code must say the same; the message says what to write', () => {
  const manifest = manifestOf('paheko', { hears: [] })
  const said = JSON.parse(JSON.stringify(schema))
  const start = (config?: object) =>
    checkComplete(
      defineModule({ ...manifest, ...(config ? { config: config as never } : {}) }).configure(openConfig(schema)),
    )
  start(said)
  expect(() => start()).toThrow(
    /manifest\.json must say under 'config' what the schema of `openConfig` says: \{"properties":\{"retries"/,
  )
  expect(() => start({ ...said, required: [] })).toThrow(/manifest\.json must say/)
  expect(() => checkComplete(defineModule({ ...manifest, config: said }))).toThrow(/module\.ts takes none of it/)
})
