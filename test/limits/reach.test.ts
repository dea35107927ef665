import type { PermissionsView } from '@recyclique/contracts'
import { describe, expect, test } from 'vitest'
import { pageOf } from '../../cli/commands/grants.ts'
import { grantsOf, keptConfig } from '../../cli/limits/granted.ts'
import { isNamed, mayListen, mayReach } from '../../cli/limits/guard/hosts.ts'
import { codeFolders } from '../../cli/limits/libraries.ts'
import { flagsOf, limitsOf } from '../../cli/limits/limits.ts'
import { reachOf } from '../../cli/limits/reach.ts'
import { manifestFlaws } from '../../cli/workshop/manifest-flaws.ts'
import { manifestOf } from '../conformance/workshop-folders.ts'

const everything = () => true
const config = (properties: Record<string, { default?: unknown; secret?: boolean }>) => ({
  type: 'object' as const,
  properties,
})

describe('a name that stands for a setting', () => {
  const paheko = manifestOf('paheko', {
    permissions: {
      net: ['config:url'],
      listen: ['config:port', '*:config:door'],
      fs: ['config:folder', 'read:config:list'],
    },
    config: config({ url: {}, port: { default: 8765 }, door: {}, folder: {}, list: {} }),
  })

  test('is what is set there: host and port of an address, a port, a path', () => {
    const set = { url: 'https://Compta.Example/paheko/', door: '9000', folder: '/srv/labels', list: '/srv/prices.csv' }
    expect(reachOf(paheko, everything, set)).toEqual({
      net: ['compta.example:443'],
      listen: ['8765', '*:9000'],
      read: ['/srv/prices.csv', '/srv/labels'],
      write: ['/srv/labels'],
      unset: [],
    })
  })

  test('comes to nothing while nothing is set, or no address, and that is said', () => {
    const { net, listen, unset } = reachOf(paheko, everything, { url: 'not an address', port: 'nor this' })
    expect({ net, listen }).toEqual({ net: [], listen: [] })
    expect(unset.map(({ key, right }) => `${key} ${right}`)).toEqual([
      'folder fs:config:folder',
      'list fs:read:config:list',
      'url net:config:url',
      'port listen:config:port',
      'door listen:*:config:door',
    ])
  })

  test('opens nothing that was not granted', () => {
    const set = { url: 'http://a.example:8080', folder: '/srv/labels' }
    const { net, write } = reachOf(paheko, (right) => right === 'net:config:url', set)
    expect({ net, write }).toEqual({ net: ['a.example:8080'], write: [] })
  })

  test('must be one of the manifest’s own, and no secret', () => {
    const text = JSON.stringify(
      manifestOf('paheko', {
        permissions: { net: ['config:adress', 'config:token'] },
        config: config({ address: {}, token: { secret: true } }),
      }),
      null,
      2,
    )
    const flaws = manifestFlaws(text, 'manifest.json').flaws.join('\n')
    expect(flaws).toContain("/permissions/net/0 says 'config:adress', but 'adress' stands in no line of 'config'")
    expect(flaws).toContain("/permissions/net/1 says 'config:token', but 'token' is a secret")
  })
})

test('a host is written as people write hosts, and what is none is named with its line', () => {
  const flawsOf = (permissions: object) =>
    manifestFlaws(JSON.stringify({ ...manifestOf('a', {}), permissions }, null, 1), 'manifest.json').flaws.join('\n')
  expect(
    flawsOf({
      net: ['a.example', 'a.example:443', '*.example', '*', '[::1]:80', '10.0.0.3:9100'],
      listen: ['0', '*:8765'],
      fs: ['/srv', 'read:/srv', 'C:\\labels'],
      runs: ['threads'],
      memory: 512,
    }),
  ).toBe('')
  expect(flawsOf({ net: ['https://a.example'] })).toContain(
    '/permissions/net/0 must be a host such as paheko.example or paheko.example:443',
  )
  expect(flawsOf({ fs: ['../labels'] })).toContain('/permissions/fs/0 must be a whole path such as /srv/labels')
  expect(flawsOf({ listen: ['80a'] })).toContain('/permissions/listen/0 must be a port such as 8765')
})

describe('a host', () => {
  test.each([
    [['a.example:443'], 'a.example', 443, true],
    [['a.example:443'], 'A.Example.', 443, true],
    [['a.example:443'], 'a.example', 80, false],
    [['a.example'], 'a.example', 8080, true],
    [['a.example'], 'b.a.example', 443, false],
    [['*.example'], 'a.example', 443, true],
    [['*.example'], 'example', 443, false],
    [['*.example'], 'a.example.evil', 443, false],
    [['127.0.0.1:4222'], 'localhost', 4222, true],
    [['[::1]:4222'], '127.0.0.1', 4222, true],
    [['127.0.0.1:4222'], '127.0.0.1', 8010, false],
    [['*'], 'anywhere.example', 1, true],
    [[], 'localhost', 80, false],
  ])('granted %j, is %s:%i reached? %s', (grants, host, port, is) => {
    expect(mayReach(grants, host, port)).toBe(is)
  })

  test('is looked up where one of its ports was granted', () => {
    expect(isNamed(['a.example:443'], 'a.example')).toBe(true)
    expect(isNamed(['a.example:443'], 'b.example')).toBe(false)
  })

  test('is listened on by itself, and by others where that was granted', () => {
    expect(mayListen(['8765'], '127.0.0.1', 8765)).toBe(true)
    expect(mayListen(['8765'], undefined, 8765)).toBe(false)
    expect(mayListen(['8765'], '0.0.0.0', 8765)).toBe(false)
    expect(mayListen(['*:8765'], undefined, 8765)).toBe(true)
    expect(mayListen(['*:8765'], '127.0.0.1', 8766)).toBe(false)
  })
})

describe('what counts as granted at a start', () => {
  const view = (policy: PermissionsView['policy'], states: Record<string, 'granted' | 'withheld' | 'waiting'>) => ({
    ...{ module: 'a', policy, blocked: false },
    rights: Object.entries(states).map(([right, state]) => ({ right, state, words: '', isAsked: true })),
  })

  test.each([
    ['first', undefined, true],
    ['ask', undefined, false],
    ['first', view('first', { 'net:a': 'waiting' }), true],
    ['first', view('first', { 'net:a': 'waiting', routes: 'granted' }), false],
    ['first', view('ask', { 'net:a': 'waiting' }), false],
    ['first', view('all', { 'net:a': 'waiting', routes: 'granted' }), true],
    ['all', view('all', { 'net:a': 'withheld' }), false],
    ['ask', view('ask', { 'net:a': 'granted' }), true],
  ] as const)('with the policy %s and %j: %s', (usual, seen, is) => {
    expect(grantsOf(seen, usual)('net:a')).toBe(is)
  })

  test('one in another language is said to be held by a container alone', () => {
    expect(pageOf({ ...view('first', { routes: 'granted' }), program: 'python3' })).toContain(
      'It is started as python3: nothing holds its process to net, listen, fs and runs on the machine itself, only a container does',
    )
    expect(pageOf(view('first', { routes: 'granted' }))).not.toContain('only a container')
  })

  test('what the kernel keeps lies over what the process was given', () => {
    const items = [
      { key: 'url', value: 'https://b.example', by: 'manager', secret: false, origin: 'config set' },
      { key: 'port', value: 1, secret: false, origin: 'default' },
      { key: 'hidden', by: 'manager', secret: false, origin: 'recyclique.yaml' },
    ]
    expect(keptConfig({ module: 'a', isKnown: true, items })).toEqual({ url: 'https://b.example' })
  })
})

describe('the limits of a process', () => {
  const of = (more: Partial<Parameters<typeof limitsOf>[0]> = {}) =>
    limitsOf({
      manifest: manifestOf('a', { permissions: { memory: 1_000, runs: ['threads'] } }),
      folders: ['/program/modules/a'],
      creds: '/keys/a.creds',
      data: '/data/modules/a',
      servers: 'nats://127.0.0.1:4222, nats://bus.example',
      config: { token: 'file:/run/token', key: 'env:A_KEY' },
      isGranted: everything,
      ...more,
    })

  test('are its own folders, its credentials, the files of its secrets, and the bus', () => {
    const { read, write, net } = of()
    expect(read).toEqual(
      expect.arrayContaining(['/program/modules/a', '/keys/a.creds', '/data/modules/a', '/run/token']),
    )
    expect(write).toEqual(['/data/modules/a'])
    expect(net).toEqual(['127.0.0.1:4222', 'bus.example:4222'])
  })

  test('the operator’s word on memory goes before the manifest’s, which counts where it was granted', () => {
    expect(of().memoryMb).toBe(1_000)
    expect(of({ memory: 200 }).memoryMb).toBe(200)
    expect(of({ isGranted: () => false }).memoryMb).toBe(384)
    expect(flagsOf(of({ memory: 200 }))).toContain('--max-old-space-size=120')
  })

  test('open what Node holds back only where it was granted', () => {
    expect(flagsOf(of())).toContain('--allow-worker')
    expect(flagsOf(of({ isGranted: () => false }))).not.toContain('--allow-worker')
    expect(flagsOf(of()).join(' ')).not.toMatch(/allow-child-process|allow-addons|allow-wasi|=\*/)
  })

  test('hold the code that a module names and what that needs, and no other module', async () => {
    const folders = (await codeFolders('modules/live-figures')).map((path) => path.replace(process.cwd(), '.'))
    for (const wanted of ['./contracts', './modules/sdk', './node_modules/@nats-io/nats-core'])
      expect(folders).toContain(wanted)
    expect(folders.some((folder) => folder.endsWith('node_modules/pino'))).toBe(true)
    for (const other of ['./modules/paheko', './kernel', './node_modules/fastify', './node_modules', '.'])
      expect(folders).not.toContain(other)
  })
})
