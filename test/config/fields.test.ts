import { BadSchema, configFields, flawsOfConfig } from '@recyclique/contracts'
import { expect, test } from 'vitest'

const document = {
  type: 'object',
  properties: {
    url: { type: 'string', pattern: '^https:', description: 'Where the accounts are kept' },
    retries: { type: 'integer', minimum: 1, default: 5 },
    token: { type: 'string', minLength: 8, secret: true },
    journals: {
      type: 'array',
      items: { type: 'object', properties: { code: { type: 'string' } }, required: ['code'] },
    },
  },
  required: ['url'],
}
const flaws = (values: Record<string, unknown>) =>
  flawsOfConfig(configFields(document), values).map(({ field, why }) => `${field} ${why}`)

test('what fits has no flaw; what is not set is no flaw here', () => {
  expect(flaws({ url: 'https://x', retries: 2, token: 'env:PAHEKO_TOKEN', journals: [{ code: 'VT' }] })).toEqual([])
  expect(flaws({})).toEqual([])
  expect(flaws({ token: 'file:/run/secrets/token' })).toEqual([])
})

test('every flaw at once, each with its place and what to do, and no value in it', () => {
  const found = flaws({
    url: 'ftp://s3cret',
    retries: 0,
    token: 's3cret-s3cret',
    journals: [{ code: 1 }],
    ulr: 's3cret',
  })
  expect(found).toEqual([
    "/url must be string to match '^https:'",
    '/retries must be integer to be greater or equal to 1',
    '/token is a secret: put it into a variable or a file of the module’s own process, and set env:NAME or file:/path here',
    '/journals/0/code must be a string',
    '/ulr is not known: it must be one of url, retries, token, journals',
  ])
  expect(found.join()).not.toContain('s3cret')
})

test('a module with nothing to set says so', () => {
  expect(flawsOfConfig(configFields(undefined), { a: 1 })[0]?.why).toBe('is not known: this module has nothing to set')
})

test.each([
  ['array', { type: 'array' }, "the schema must be of type 'object'"],
  [
    'unknown word',
    { type: 'object', properties: { a: { type: 'string', format: 'uri' } } },
    '/properties/a/format is not taken here',
  ],
  [
    'secret number',
    { type: 'object', properties: { a: { type: 'integer', secret: true } } },
    '/properties/a/type must be string: a secret is text',
  ],
  [
    'secret default',
    { type: 'object', properties: { a: { type: 'string', secret: true, default: 'x' } } },
    '/properties/a/default must not be there',
  ],
  [
    'secret inside',
    { type: 'object', properties: { a: { type: 'object', properties: { b: { type: 'string', secret: true } } } } },
    '/properties/a/properties/b/secret is not taken here',
  ],
])('a schema that cannot be used names the place: %s', (_, bad, words) => {
  expect(() => configFields(bad)).toThrow(BadSchema)
  expect(() => configFields(bad)).toThrow(words)
})
