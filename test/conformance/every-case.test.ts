import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

/**
 * Every conformance case of the hooks specification, once. `memory`: told here, with plain functions in place of modules; where
 * there is an `also`, a part of the case can only be seen with modules in processes of their own. `elsewhere`: nothing of it can be
 * told in memory, and why.
 */
const CASES: Record<string, { memory: true; also?: string } | { elsewhere: string }> = {
  ...told('O01', 'O31'),
  O32: { memory: true, also: 'the module’s process is killed instead of throwing' },
  ...told('O33', 'O56'),
  ...needs('O57', 'discovery looks at folders and packages: the registry’s, with files'),
  ...told('O58', 'O63'),
  ...needs('O64', 'a catalogue of modules of which one cannot start'),
  ...needs('O65', 'starting processes with their configuration'),
  ...told('O66', 'O72'),
  ...needs('O73', 'the registry’s catalogue, kept over a restart'),
  ...told('O74', 'O75'),
  ...needs('O76', 'a predicate over a running instance, which is stopped when it is refused'),
  ...told('O77', 'O83'),
  ...needs('O84', 'processes that fail at their start'),
  ...told('O85', 'O86'),
  ...needs('O87', 'the configuration decides which processes are started'),
  ...needs('O88', 'configuration file and environment, and the origin of each entry'),
  ...needs('O89', 'the order in which processes are started and stopped'),
  ...needs('O90', 'a folder without a manifest'),
  ...needs('O91', 'a program that does not do what its manifest says'),
  ...needs('O92', 'a configuration file that cannot be read'),
  ...needs('O93', 'a configuration file that is not there'),
  ...needs('O94', 'a module that the environment names and nobody finds'),
  ...needs('O95', 'one module out of two sources'),
  ...needs('O96', 'the file watcher of development'),
  ...needs('O97', 'the file watcher of development'),
  ...needs('O98', 'the file watcher of development, and an old process that goes on'),
  ...needs('O99', 'the file watcher of development'),
  ...needs('O100', 'the file watcher of development'),
  ...needs('O101', 'stopping processes of which one does not stop'),
  ...needs('O102', 'the file watcher of development, at the stop'),
  ...needs('O103', 'restarting one process and no other'),
  ...needs('O104', 'folders of dependencies on disk'),
  ...needs('O105', 'folders of dependencies on disk'),
  ...needs('O106', 'folders of dependencies on disk'),
  ...needs('O107', 'ranges of versions: the registry’s, which alone may import semver'),
  ...needs('O108', 'lockfiles of several modules'),
  ...needs('O109', 'lockfiles of several modules'),
  ...needs('O110', 'a command line that runs a module’s command'),
  ...needs('O111', 'a command line that writes a new module'),
  ...needs('O112', 'the health of three processes over HTTP'),
  ...needs('O113', 'a kernel that does not start without a healthy module'),
  ...needs('O114', 'control endpoints over HTTP'),
  ...needs('O115', 'configuration profiles in the environment'),
  ...needs('O116', 'configuration profiles in the environment'),
  X01: { memory: true, also: 'processes that start with delays, 50 times' },
  X02: { memory: true, also: 'a process that is killed, and ranks that outlive the kernel' },
  ...needs('X03', 'replicas, of which one is killed under load'),
  ...needs('X04', 'three replicas of a wrapper'),
  X05: { memory: true, also: 'the module is marked as degraded' },
  X06: { memory: true, also: 'the process is killed, and the bus says so' },
  X07: { memory: true, also: 'the late answer comes over the bus' },
  X08: { memory: true, also: 'the wrapper’s process is killed' },
  ...needs('X09', 'a kernel that is restarted among living modules'),
  X10: { memory: true, also: 'HTTP answers 503' },
  X11: { memory: true, also: 'on a real clock, in less than 200 ms' },
  ...told('X12', 'X12'),
  ...needs('X13', 'the server’s permissions'),
  ...needs('X14', 'ranges of versions and modules that wait: the registry’s'),
  ...needs('X15', 'an upgrade under load'),
  ...told('X16', 'X16'),
  ...needs('X17', 'two processes with two versions of one library'),
  X18: { memory: true, also: 'a process that serves one question at a time' },
}

function told(from: string, to: string) {
  return Object.fromEntries(numbers(from, to).map((number) => [number, { memory: true as const }]))
}

function needs(number: string, elsewhere: string) {
  return { [number]: { elsewhere } }
}

function numbers(from: string, to: string): string[] {
  const [first, last] = [Number(from.slice(1)), Number(to.slice(1))]
  return Array.from({ length: last - first + 1 }, (_, nth) => `${from[0]}${String(first + nth).padStart(2, '0')}`)
}

const titles = globSync('test/conformance/*.test.ts').flatMap((file) =>
  [...readFileSync(file, 'utf8').matchAll(/^\s*test\(\s*['"`]([OX]\d+) /gm)].map(([, number]) => number ?? ''),
)

test('the table holds each of the 134 cases', () => {
  expect(Object.keys(CASES).sort()).toEqual([...numbers('O01', 'O116'), ...numbers('X01', 'X18')].sort())
  expect(Object.keys(CASES)).toHaveLength(134)
})

test('no number stands in this table twice', () => {
  const source = readFileSync('test/conformance/every-case.test.ts', 'utf8')
  const ranges = [...source.matchAll(/^ {2}\.\.\.told\('(\w+)', '(\w+)'\)/gm)].flatMap(([, a = '', b = '']) =>
    numbers(a, b),
  )
  const single = [...source.matchAll(/^ {2}(?:\.\.\.needs\('(\w+)'|([OX]\d+):)/gm)].map(([, a, b]) => a ?? b ?? '')
  const all = [...ranges, ...single]
  expect(all.filter((number, nth) => all.indexOf(number) < nth)).toEqual([])
  expect(all).toHaveLength(134)
})

test('each case that is told in memory has one test, and the others have none', () => {
  const inMemory = Object.keys(CASES).filter((number) => 'memory' in (CASES[number] ?? {}))
  expect([...titles].sort()).toEqual(inMemory.sort())
})
