import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { hasLapsed, historyIn, pastOf, quarantinesIn, recordTo } from '../../cli/up/crashes.ts'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'recyclique-crashes-'))
  file = join(folder, 'run', 'crashes.json')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const NOW = Date.parse('2026-03-02T18:00:00Z')
const at = (minutesAgo: number) => new Date(NOW - minutesAgo * 60_000).toISOString()
const crash = (minutesAgo: number, more: { name?: string; isLast?: true } = {}) => ({
  name: 'labels',
  at: at(minutesAgo),
  livedMs: 10,
  how: 'ended with code 1',
  ...more,
})

test('what was recorded is there at the next start, and only the last 200 of it', () => {
  const record = recordTo(file)
  for (let minutes = 210; minutes > 0; minutes -= 1) record(crash(minutes))
  expect(historyIn(file)).toHaveLength(200)
  expect(historyIn(file).at(-1)).toEqual(crash(1))
})

test('the crashes of ten minutes count, of that name, and none before a release', () => {
  const history = [crash(11), crash(3), crash(2, { name: 'scales' }), crash(1)]
  expect(pastOf(history, 'labels', NOW).map(({ atMs }) => NOW - atMs)).toEqual([180_000, 60_000])
  expect(pastOf([...history, { name: 'labels', at: at(0), lifted: 'released' }], 'labels', NOW)).toEqual([])
})

test('in quarantine is whose last word it was: a release ends it, and so does a start that comes later', () => {
  const history = [crash(2, { isLast: true }), crash(1, { name: 'scales' })]
  expect(quarantinesIn(history)).toEqual([{ name: 'labels', since: at(2), how: 'ended with code 1' }])
  expect(quarantinesIn([...history, { name: 'labels', at: at(0), lifted: 'released' }])).toEqual([])
  const [quarantine] = quarantinesIn(history)
  expect(hasLapsed(quarantine!, NOW)).toBe(false)
  expect(hasLapsed(quarantine!, NOW + 8 * 60_000)).toBe(true)
})

test.each(['', '{', '{}', '[{"name":"labels"}, null, 3]'])(
  'a damaged history (%j) counts nothing, and is written anew',
  (text) => {
    recordTo(file)(crash(1))
    writeFileSync(file, text)
    expect(historyIn(file)).toEqual([])
    recordTo(file)(crash(1))
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual([crash(1)])
  },
)
