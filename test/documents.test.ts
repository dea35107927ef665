import { readdirSync, readFileSync } from 'node:fs'
import { Parser } from '@asyncapi/parser'
import { asyncApi, jsonSchemas } from '@recyclique/contracts'
import { Validator } from '@seriousme/openapi-schema-validator'
import { beforeAll, expect, test } from 'vitest'
import { documents } from '../docs/documents.ts'

let made: Readonly<Record<string, string>>

beforeAll(async () => {
  made = await documents()
})

test('docs/schemas/ says what the contracts and the API say (npm run docs writes it)', () => {
  expect(readdirSync('docs/schemas').sort()).toEqual(Object.keys(made).sort())
  const stale = Object.entries(made).filter(([file, text]) => readFileSync(`docs/schemas/${file}`, 'utf8') !== text)
  expect(stale.map(([file]) => file)).toEqual([])
})

test('the JSON Schemas are made once, and no document that is made of them changes them', () => {
  const before = JSON.stringify(jsonSchemas())
  asyncApi({ version: '1.0.0' })
  expect(jsonSchemas()).toBe(jsonSchemas())
  expect(JSON.stringify(jsonSchemas())).toBe(before)
})

test('the wire is AsyncAPI 3, as its own parser has it', async () => {
  const { document, diagnostics } = await new Parser().parse(made['asyncapi.json'] as string)
  expect(diagnostics.filter(({ severity }) => severity === 0).map(({ message, path }) => [message, path])).toEqual([])
  expect(document?.version()).toBe('3.0.0')
  const channels = document?.allChannels().all() ?? []
  const addresses = channels.map((channel) => channel.address())
  expect(addresses).toContain('rq.{site}.evt.{mode}.{journal}.sale.recorded')
  expect(addresses).toContain('rq.{site}.mod.{module}.{instance}.hook.price.suggest')
  expect(addresses).toContain('rq.{site}.kernel.{module}.announce')
})

test('every verb of the grammar in docs/protocol.md has its channel, and each answer its form', async () => {
  const { document } = await new Parser().parse(made['asyncapi.json'] as string)
  const addresses = (document?.allChannels().all() ?? []).map((channel) => channel.address() ?? '')
  const grammar = readFileSync('docs/protocol.md', 'utf8').matchAll(/^rq\.<site>\.(mod|kernel)\.\S+ .*: (.+)$/gm)
  const verbs = [...grammar].flatMap(([, branch, names = '']) => names.split(', ').map((verb) => [branch, verb]))
  expect(verbs.length).toBeGreaterThan(15)
  const undescribed = verbs.filter(
    ([branch, verb]) =>
      !addresses.some((address) => new RegExp(`^rq\\.{site}\\.${branch}\\.[{}\\w.]+?\\.${verb}(\\.|$)`).test(address)),
  )
  expect(undescribed).toEqual([])
  for (const id of ['kv.get', 'kv.put', 'kv.remove', 'kv.list', 'job.set', 'job.cancel', 'job.list', 'api'])
    expect(document?.operations().get(`kernel.${id}`)?.reply()?.messages().all()[0]?.name()).toBe('given')
  for (const id of ['command', 'tool', 'job', 'page', 'control.config', 'control.retry'])
    expect(document?.operations().get(`module.${id}`)?.reply()?.messages().isEmpty()).toBe(false)
})

test('a document that is not AsyncAPI would be found', async () => {
  const broken = (made['asyncapi.json'] as string).replaceAll('"action": "receive"', '"action": "listen"')
  const { diagnostics } = await new Parser().parse(broken)
  expect(diagnostics.some(({ severity }) => severity === 0)).toBe(true)
})

test('the API is OpenAPI 3.1, as the specification’s schema has it', async () => {
  const validator = new Validator()
  const { valid, errors } = await validator.validate(JSON.parse(made['openapi.json'] as string))
  expect(errors).toBeUndefined()
  expect(valid).toBe(true)
  expect(validator.version).toBe('3.1')
  const broken = { ...JSON.parse(made['openapi.json'] as string), paths: 'none' }
  expect((await new Validator().validate(broken)).valid).toBe(false)
})
