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
