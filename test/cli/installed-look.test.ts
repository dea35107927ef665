import { execFile } from 'node:child_process'
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { ModuleView } from '@recyclique/contracts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openDesk } from '../../cli/installed/desk.ts'
import { explain } from '../../cli/installed/explain.ts'
import { growthOf } from '../../cli/installed/growth.ts'
import { installedHome } from '../../cli/installed/home.ts'
import { changeOne } from '../../cli/installed/index-file.ts'
import { readSource } from '../../cli/installed/obtain.ts'
import { overviewOf } from '../../cli/installed/overview.ts'
import { readmeOf } from '../../cli/installed/readme.ts'
import { showConfig, wordsOnConfig } from '../../cli/installed/show-config.ts'
import { isStartable, surveyModules } from '../../cli/up/find-modules.ts'
import { watchFiles } from '../../cli/up/watch-files.ts'
import { manifestOf } from '../conformance/workshop-folders.ts'
import { until } from '../support/wait.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'recyclique-look-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const home = () => installedHome(join(folder, 'data'))
const desk = () => openDesk({ data: join(folder, 'data'), agree: async () => {} })
const file = (path: string, text: string): string => {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
  return join(folder, path)
}
const module = (name: string, manifest: object = {}, parent = ''): string => {
  const said = { ...manifestOf(name), ...manifest }
  file(join(parent, name, 'manifest.json'), JSON.stringify(said))
  return dirname(file(join(parent, name, 'main.ts'), ''))
}
const survey = (config?: string) =>
  surveyModules({ home: home(), folder: join(folder, 'program'), ...(config ? { config } : {}) })
const viewOf = (over: Partial<ModuleView>): ModuleView => ({
  ...{ name: 'labels', version: '1.0.0', description: '', state: 'active', reasons: [], desired: 'enabled' },
  ...{ blocked: false, hears: [], answers: [], tells: [], requires: {}, routes: [], deadLetters: 0, breakers: [] },
  ...{ restarts: { lastHour: 0, total: 0 }, config: [], instances: [] },
  ...over,
})

test('what was added is wanted beside what the file names, and the list says where each was said', async () => {
  module('till', {}, 'program')
  const schema = {
    type: 'object',
    properties: { printer: { type: 'string' }, token: { type: 'string', secret: true } },
  }
  await desk().add(await readSource(module('labels', { config: schema })))
  await desk().add(await readSource(module('resting')))
  const config = file(
    'recyclique.yaml',
    `site: { vatRegime: franchise }
modules:
  - { name: labels, version: ^2, config: { printer: front, token: hush, tokn: hush } }
  - { name: resting, enabled: false }
`,
  )
  const shown = showConfig(await survey(config), {})
  expect(shown).toMatchObject({
    site: { vatRegime: { value: 'franchise', origin: config } },
    modules: [
      { name: 'labels', enabled: true, origin: config, version: '1.0.0', wanted: '^2' },
      { name: 'resting', enabled: false, origin: config },
    ],
  })
  // A secret is covered, and so is what nobody can say is none.
  expect(shown.modules[0]?.config).toEqual({ printer: 'front', token: '***', tokn: '***' })
  expect(wordsOnConfig(shown).join('\n')).not.toContain('hush')
  expect(shown.modules[0]?.why).toMatch(/wants \^2, but it is 1\.0\.0/)

  const plain = showConfig(await survey(file('empty.yaml', '')), {})
  expect(plain.modules.map(({ name, origin }) => [name, origin])).toEqual([
    ['till', 'found'],
    ['labels', 'recyclique modules add'],
    ['resting', 'recyclique modules add'],
  ])
})

test('an added module stands before one of the same name that came with the program', async () => {
  module('labels', {}, 'program')
  const newer = module('labels', { version: '1.1.0' })
  const { manifest } = await desk().add(await readSource(newer))
  const { there, notes } = await survey()
  expect(there.filter(isStartable).map((one) => one.manifest.version)).toEqual([manifest.version])
  expect(notes).toEqual([expect.stringMatching(/labels is there twice: .*installed.* is taken/)])
})

test('modules that need each other in a circle, or that another one needs, are told before anything is changed', async () => {
  await desk().add(await readSource(module('labels', { requires: { stock: '^1' } })))
  const stock = module('stock', { requires: { labels: '^1' } })
  await expect(desk().add(await readSource(stock))).rejects.toThrow('it needs itself: stock → labels → stock')
  await desk().add(await readSource(module('stock')))
  await expect(desk().remove('stock')).rejects.toThrow('stock is needed by labels')
})

test('the same version with other content, and an older one, are no upgrade; without a run the switch is at once', async () => {
  await desk().add(await readSource(module('labels', { version: '1.1.0' })))
  const upgrade = (manifest: object) => desk().upgrade('labels', module('labels', manifest), undefined)
  await expect(upgrade({ version: '1.1.0' })).rejects.toThrow('labels 1.1.0 is in force already')
  await expect(upgrade({ version: '1.1.0', author: 'x' })).rejects.toThrow('give the new one a version of its own')
  await expect(upgrade({ version: '1.0.0' })).rejects.toThrow(/is older: `recyclique modules rollback labels`/)
  await expect(desk().upgrade('labels', module('other'), undefined)).rejects.toThrow('that is other 1.0.0, not labels')
  await expect(desk().rollback('labels')).rejects.toThrow('there is no version of labels before')

  expect((await upgrade({ version: '1.2.0' })).manifest.version).toBe('1.2.0')
  // From where it came, where nothing is said.
  module('labels', { version: '1.3.0' })
  expect((await desk().upgrade('labels', undefined, undefined)).manifest.version).toBe('1.3.0')
  expect((await desk().rollback('labels')).manifest.version).toBe('1.2.0')
})

test('growth is what the new version asks for and the old one did not', () => {
  const before = manifestOf('labels', { hears: ['sale.recorded'], routes: [{ method: 'GET', path: '/' }] })
  const after = manifestOf('labels', {
    hears: ['sale.recorded', 'sale.voided'],
    answers: [{ hook: 'sale.validate', isWrapper: true }],
    routes: [{ method: 'POST', path: '/print' }],
    permissions: { fs: ['/var/spool'] },
  })
  expect(growthOf(before, after)).toEqual(['hears:sale.voided', 'wraps:sale.validate', 'fs:/var/spool'])
  expect(growthOf(after, before)).toEqual([])
})

test('why a module is not at work stands in one list, with what to type', async () => {
  await desk().add(await readSource(module('labels')))
  const failed = { version: '1.1.0', why: 'ended with code 1. Error: no printer', at: '2026-03-14T12:00:00.000Z' }
  await changeOne(home(), 'labels', (one) => ({ ...one, failed }))
  const explained = async (view: ModuleView | undefined, isRunning = true) => {
    const line = overviewOf(await survey(), view ? [view] : []).find(({ name }) => name === 'labels')
    return explain({ name: 'labels', view, line, isRunning }).join('\n')
  }
  const reasons = ['An operator disabled it: stocktaking.']
  expect(await explained(viewOf({ state: 'disabled', desired: 'disabled', reasons }))).toBe(
    `labels 1.0.0 is disabled.

What keeps it from being active:
  - An operator disabled it: stocktaking.
  - 1.1.0 did not take over: ended with code 1. Error: no printer

What to do:
  npx recyclique modules enable labels`,
  )
  expect(await explained(undefined, false)).toMatch(
    /does not run.*Nothing runs on this data folder.*npx recyclique up/s,
  )
  expect(await explained(viewOf({ state: 'rejected', reasons: ['It needs kernel ^9.'] }))).toMatch(
    /was refused.*modules upgrade/s,
  )
  expect(explain({ name: 'nobody', view: undefined, line: undefined, isRunning: true })).toEqual([
    expect.stringMatching(/Nobody knows a module nobody/),
  ])
})

test('what an author wrote is shown, else what the manifest says; neither steers the terminal', async () => {
  const at = module('labels', { description: 'Prints labels.', answers: [{ hook: 'code.resolve' }] })
  const read = async () =>
    readmeOf({
      name: 'labels',
      folder: at,
      entry: '',
      manifest: manifestOf('labels', { description: 'Prints labels.', answers: [{ hook: 'code.resolve' }] }),
    })
  expect(await read()).toBe('# labels 1.0.0\n\nPrints labels.\n\n- answers the question code.resolve')
  writeFileSync(join(at, 'README.md'), '# Labels\n\u001b[2Jhello\n')
  expect(await read()).toBe('# Labels\n[2Jhello')
})

test('a file that comes, changes, is replaced or goes is acted upon, and an act that fails is said', async () => {
  const path = join(folder, 'watched')
  const acts: string[] = []
  const said: string[] = []
  const act = async () => {
    acts.push('act')
    if (acts.length === 2) throw new Error('it is not to be')
  }
  const watch = await watchFiles({ paths: [path], act, say: (line) => void said.push(line), everyMs: 10 })
  const acted = (times: number) => until(() => acts.length >= times)
  writeFileSync(path, 'a')
  await acted(1)
  writeFileSync(`${path}.new`, 'b')
  renameSync(`${path}.new`, path)
  await acted(2)
  rmSync(path)
  await acted(3)
  await watch.close()
  expect(said).toEqual(['it is not to be'])
})

test('the commands: a module is checked, added, listed and configured without anything running', {
  timeout: 60_000,
}, async () => {
  const run = (...args: string[]) =>
    promisify(execFile)(process.execPath, [join(import.meta.dirname, '..', '..', 'cli', 'main.ts'), ...args], {
      cwd: folder,
      env: { ...process.env, RECYCLIQUE_DATA: join(folder, 'data') },
    }).catch((error: { code: number; stderr: string }) => error)
  const labels = module('labels', { description: 'Prints labels.' })
  expect(await run('modules', 'check', labels)).toMatchObject({ stdout: 'labels 1.0.0 is in order.\n' })
  expect(await run('modules', 'add', labels)).toMatchObject({
    stdout: 'labels 1.0.0 is installed. It starts with Recyclique.\n',
  })
  file('recyclique.yaml', 'modules:\n  - name: live-figures\n    enabled: false\n')
  const shown = (await run('config', 'show')) as { stdout: string }
  expect(shown.stdout).toMatch(/live-figures +not enabled +recyclique\.yaml\n +labels +1\.0\.0 +recyclique modules add/)
  file('recyclique.yaml', 'modules:\n  - nme: labels\n')
  expect(await run('config', 'check')).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/line 2: .*\/nme is not known/),
  })
  // A slip in the configuration keeps nobody from seeing what there is.
  const listed = (await run('modules', 'list')) as { stdout: string; stderr: string }
  expect(listed.stdout).toMatch(/labels +1\.0\.0 +enabled +0 running +added/)
  expect(listed.stderr).toMatch(/line 2/)
})
