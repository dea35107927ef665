import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Keeper, keep } from '../../cli/up/keep.ts'
import { isAlive } from '../../cli/up/process-group.ts'
import { makeCatalogue } from '../../cli/workshop/catalogue.ts'
import { gather } from '../../cli/workshop/gather.ts'
import { isStartable } from '../../cli/workshop/manifests.ts'
import { reloadOnChange } from '../../cli/workshop/reload.ts'
import { makeWatchRoom, type WatchRoom } from '../../cli/workshop/watch.ts'
import { until } from '../support/wait.ts'
import { openWorkshop, type Workshop } from './workshop-folders.ts'

describe('the time between a change and its reload', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  test('O96 two changes inside the quiet time cause one reload, timed from the second', async () => {
    const act = vi.fn(async () => {})
    const changes = gather({ quietMs: 1_000, act, say: () => {} })
    changes.heard('module.ts')
    await vi.advanceTimersByTimeAsync(600)
    changes.heard('main.ts')
    await vi.advanceTimersByTimeAsync(999)
    expect(act).not.toHaveBeenCalled()

    await vi.advanceTimersByTimeAsync(1)
    expect(act.mock.calls).toEqual([[['main.ts', 'module.ts']]])
    await vi.advanceTimersByTimeAsync(10_000)
    expect(act).toHaveBeenCalledTimes(1)
  })

  test('what changes while a reload runs is acted on afterwards, one reload at a time', async () => {
    const going: (() => void)[] = []
    const act = vi.fn(() => new Promise<void>((resolve) => void going.push(resolve)))
    const changes = gather({ quietMs: 100, act, say: () => {} })
    changes.heard('a.ts')
    await vi.advanceTimersByTimeAsync(100)
    changes.heard('b.ts')
    await vi.advanceTimersByTimeAsync(1_000)
    expect(act.mock.calls).toEqual([[['a.ts']]])
    going[0]!()
    await vi.advanceTimersByTimeAsync(0)
    expect(act.mock.calls).toEqual([[['a.ts']], [['b.ts']]])
  })

  test('O102 changes before and during the stop start nothing', async () => {
    const act = vi.fn(async () => {})
    const changes = gather({ quietMs: 100, act, say: () => {} })
    changes.heard('before.ts')
    const closed = changes.close()
    changes.heard('during.ts')
    await closed
    await vi.advanceTimersByTimeAsync(10_000)
    expect(act).not.toHaveBeenCalled()
  })
})

describe('real files and processes', () => {
  let shop: Workshop
  let room: WatchRoom
  const keepers: Keeper<void>[] = []
  beforeEach(async () => {
    shop = await openWorkshop()
    room = makeWatchRoom({ env: {}, say: shop.say, quietMs: 100 })
  })
  afterEach(async () => {
    await room.close()
    for (const keeper of keepers.splice(0)) await keeper.stop()
    await shop.close()
  })

  /** Keeps a module's process, as `up` does; `pids` are all of its processes, in order. */
  const keepModule = async (name: string) => {
    const catalogue = makeCatalogue({ folders: [shop.modules] })
    await catalogue.discover()
    const module = catalogue
      .modules()
      .filter(isStartable)
      .find((one) => one.name === name)
    const pids: number[] = []
    const start = async () => {
      const started = shop.spawn(module!)
      pids.push(started.pid ?? 0)
      return started
    }
    const keeper = keep({ name, start, record: () => {}, say: shop.say })
    keepers.push(keeper)
    reloadOnChange(room, { name, folder: module!.folder, renew: keeper.renew, say: shop.say })
    await keeper.first
    return { keeper, pids }
  }

  test('O97 compiled, swap, temporary and cache files cause no reload', async () => {
    const at = shop.module('labels')
    const act = vi.fn<(files: readonly string[]) => Promise<void>>(async () => {})
    room.watch([at], act)
    for (const name of [
      'a.pyc',
      '.module.ts.swp',
      'module.ts~',
      'x.tmp',
      '#main.ts#',
      '.#main.ts',
      '4913',
      'a.tsbuildinfo',
    ])
      writeFileSync(join(at, name), 'x')
    for (const folder of ['node_modules', '__pycache__', '.cache']) {
      mkdirSync(join(at, folder))
      writeFileSync(join(at, folder, 'index.js'), 'x')
    }
    // What was heard of them would come with this one, or before.
    writeFileSync(join(at, 'module.ts'), 'x')

    await until(() => act.mock.calls.length > 0)
    expect(act.mock.calls).toEqual([[[join(at, 'module.ts')]]])
  })

  test('a file in a folder that came later is seen as well', async () => {
    const at = shop.module('labels')
    const seen = new Set<string>()
    room.watch([at], async (files) => files.forEach((file) => void seen.add(file)))
    mkdirSync(join(at, 'pages', 'inner'), { recursive: true })
    writeFileSync(join(at, 'pages', 'inner', 'page.ts'), 'x')
    await until(() => seen.has(join(at, 'pages', 'inner', 'page.ts')))

    seen.clear()
    writeFileSync(join(at, 'pages', 'inner', 'page.ts'), 'y')
    await until(() => seen.has(join(at, 'pages', 'inner', 'page.ts')))
    rmSync(join(at, 'pages'), { recursive: true })
    writeFileSync(join(at, 'module.ts'), 'x')
    await until(() => seen.has(join(at, 'module.ts')))
  })

  test('O98 a reload that fails is said, the old process goes on serving, and the watcher survives', async () => {
    const serving = (words: string) => `
      const server = require('node:http').createServer((_, answer) => answer.end(${JSON.stringify(words)}))
      server.listen(require('node:path').join(__dirname, '..', '..', ${JSON.stringify(words)}), () => {
        console.log(JSON.stringify({ msg: 'admitted' }))
      })
    `
    const at = shop.module('labels', { main: serving('one') })
    const { pids } = await keepModule('labels')

    writeFileSync(join(at, 'main.js'), 'this is no program')
    await until(() => shop.said.some((line) => line.includes('The old one goes on.')))
    expect(shop.said).toEqual([
      'labels could not be started anew after main.js changed: it ended with code 1. The old one goes on.',
    ])
    expect(await ask(join(shop.folder, 'one'))).toBe('one')
    expect(pids.map(isAlive)).toEqual([true, false])

    writeFileSync(join(at, 'main.js'), serving('two'))
    await until(() => shop.said.includes('labels was started anew: main.js changed'))
    expect(await ask(join(shop.folder, 'two'))).toBe('two')
    expect(pids.map(isAlive)).toEqual([false, false, true])
  })

  test('O99 watching the same folders twice keeps one watcher', async () => {
    const [a, b] = [shop.module('a'), shop.module('b')]
    const first = room.watch([a, b], async () => {})
    expect(room.watch([b, join(a, '..', 'a')], async () => {})).toBe(first)
    expect(room.count()).toBe(1)
    room.watch([a], async () => {})
    expect(room.count()).toBe(2)
    await first?.close()
    expect(room.count()).toBe(1)
  })

  test('O100 switched off, there is no watcher', () => {
    const at = shop.module('a')
    const off = makeWatchRoom({ env: { RECYCLIQUE_WATCH: '0' }, say: shop.say })
    expect(off.watch([at], async () => {})).toBeUndefined()
    expect(off.count()).toBe(0)
    expect(room.watch([at], async () => {})).toBeDefined()
  })

  test('after the stop a change starts nothing, and nobody can watch', async () => {
    const at = shop.module('a')
    const stopped = makeWatchRoom({ env: {}, say: shop.say, quietMs: 0 })
    const never = vi.fn(async () => {})
    stopped.watch([at], never)
    await stopped.close()
    const other = vi.fn(async () => {})
    room.watch([at], other)
    writeFileSync(join(at, 'main.js'), 'x')

    await until(() => other.mock.calls.length > 0)
    expect(never).not.toHaveBeenCalled()
    expect(stopped.watch([at], never)).toBeUndefined()
  })

  test('O103 a change in one module touches that module and nobody else', async () => {
    const at = shop.module('a')
    shop.module('b')
    const [a, b] = [await keepModule('a'), await keepModule('b')]
    // Stands for the kernel: somebody who is kept and not watched.
    shop.module('kernel')
    const kernel = await keepModule('kernel')

    writeFileSync(join(at, 'module.js'), 'x')
    await until(() => shop.said.includes('a was started anew: module.js changed'))
    expect(a.pids.map(isAlive)).toEqual([false, true])
    for (const { pids } of [b, kernel]) expect(pids.map(isAlive)).toEqual([true])
    expect(shop.said).toEqual(['a was started anew: module.js changed'])
  })

  test('a new process that does not come so far in time is stopped, and the old one goes on', async () => {
    const at = shop.module('labels')
    const { keeper, pids } = await keepModule('labels')
    writeFileSync(join(at, 'main.js'), 'setInterval(() => {}, 1000)')
    await expect(keeper.renew(50)).rejects.toThrow('was not ready after 0.05 s')
    expect([isAlive(pids[0]!), isAlive(pids[1]!)]).toEqual([true, false])
  })

  test('a module that is down comes back when it is mended', async () => {
    const at = shop.module('labels')
    const { keeper, pids } = await keepModule('labels')
    writeFileSync(join(at, 'state.txt'), 'x')
    await until(() => pids.length === 2 && !isAlive(pids[0]!))
    // It says that no new start would help: the keeper gives it up.
    writeFileSync(join(at, 'main.js'), 'process.exit(78)')
    process.kill(pids[1]!, 'SIGKILL')
    await keeper.givenUp
    await until(() => shop.said.some((line) => line.includes('could not be started anew')))

    shop.module('labels')
    await until(() => shop.said.filter((line) => line.startsWith('labels was started anew')).length === 2)
    expect(shop.journal().filter((line) => line === 'labels starts')).toHaveLength(3)
    process.kill(pids.at(-1)!, 'SIGKILL')
    await until(() => shop.journal().filter((line) => line === 'labels starts').length === 4)
  })
})

/** Over a socket file: no port to find out. */
const ask = (socketPath: string): Promise<string> =>
  new Promise((resolve, reject) => {
    get({ socketPath, path: '/' }, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (part: string) => {
        text += part
      })
      answer.on('end', () => resolve(text))
    }).on('error', reject)
  })
