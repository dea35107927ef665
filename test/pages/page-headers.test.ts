import { expect, test } from 'vitest'
import { cachingOf, contentTypeOf, isHashed, isKnownTo } from '../../kernel/http/page-headers.ts'

test.each(['assets/index-DkX9s2aB.js', 'app.3f2a9c01.css', 'chunk-0a1b2c3d4e5f.mjs', 'index-DkX9s2aB.js.map'])(
  '%s bears its hash and is kept for a year',
  (path) => {
    expect(cachingOf(path)).toBe('public, max-age=31536000, immutable')
  },
)

test.each([
  'index.html',
  'jquery-validation.js',
  'report-20261121.csv',
  'chart-library2.js',
  'DkX9s2aB.js',
  'a-Short1.js',
])('%s may change and is asked about each time', (path) => {
  expect(isHashed(path)).toBe(false)
  expect(cachingOf(path)).toBe('no-cache')
})

test('what a file is follows from the end of its name; what is not known is never run', () => {
  expect(contentTypeOf('a/INDEX.HTML')).toBe('text/html; charset=utf-8')
  expect(contentTypeOf('app.js.map')).toBe('application/json; charset=utf-8')
  expect(contentTypeOf('tool.exe')).toBe('application/octet-stream')
  expect(contentTypeOf('x.constructor')).toBe('application/octet-stream')
})

test('a browser that has the content says so in any of the forms of the standard', () => {
  expect(isKnownTo('"abc"', '"abc"')).toBe(true)
  expect(isKnownTo('"x", W/"abc"', '"abc"')).toBe(true)
  expect(isKnownTo('*', '"abc"')).toBe(true)
  expect(isKnownTo('"ab"', '"abc"')).toBe(false)
  expect(isKnownTo(undefined, '"abc"')).toBe(false)
})
