import { spawnSync } from 'node:child_process'
import { globSync, lstatSync, mkdirSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { spawnModule } from '../../cli/up/spawn-module.ts'
import { checkModule } from '../../cli/workshop/check-module.ts'
import { linkSdk } from '../../cli/workshop/link-sdk.ts'
import { newModule } from '../../cli/workshop/new-module.ts'
import { KINDS, LANGUAGES } from '../../cli/workshop/new-module-files.ts'
import { factMaker } from '../modules/facts.ts'
import { fakeKernel } from '../support/fake-kernel.ts'
import { startTestServer } from '../support/nats.ts'
import { openWorkshop, type Workshop } from './workshop-folders.ts'

let shop: Workshop
beforeEach(async () => {
  shop = await openWorkshop()
})
afterEach(() => shop.close())

const scaffold = (name: string, into = join(shop.folder, 'elsewhere')) => newModule({ name, into, kernel: '0.1.0' })

test('O111 a new module is written where it is wanted, passes the check, starts, and does what it says', async () => {
  const folder = await scaffold('shelf-counter')
  expect(folder).toBe(join(shop.folder, 'elsewhere', 'shelf-counter'))
  expect(await checkModule(folder)).toEqual([])

  const server = await startTestServer()
  try {
    const kernel = await fakeKernel(await server.connectKernel())
    const { creds } = await server.addModule('shelf-counter')
    const file = join(shop.folder, 'shelf-counter.creds')
    await writeFile(file, creds, { mode: 0o600 })
    const started = shop.crew.add(
      'shelf-counter',
      spawnModule({
        name: 'shelf-counter',
        entry: join(folder, 'main.ts'),
        data: join(shop.folder, 'data'),
        leash: shop.leash,
        onLine: shop.say,
        env: {
          PATH: process.env.PATH,
          HOME: process.env.HOME,
          NATS_URL: server.url,
          RECYCLIQUE_SITE: 'essai',
          RECYCLIQUE_CREDS: file,
        },
      }),
    )
    await started.ready
    const { body } = await kernel.next('announce', () => true, 0)
    expect(body).toMatchObject({ resumeAfter: 0, manifest: { name: 'shelf-counter' } })
    await kernel.tell(factMaker().sale([{ categoryId: 'livres', cents: 730 }]))
    await kernel.acked('shelf-counter', 1)
    await shop.crew.stopAll()
    expect(await started.ended).toEqual({ how: 'ended with code 0', code: 0 })
  } finally {
    await shop.crew.stopAll()
    await server.stop()
  }
})

/** Which of the tools that an author of such a module has are here. */
const has = (command: string) => spawnSync(command, [], { stdio: 'ignore' }).error === undefined

const testOf: Record<string, [string, ...string[]]> = {
  ts: [process.execPath, '--test'],
  python: ['python3', '-m', 'unittest'],
  go: ['go', 'test', './...'],
}

describe.each(LANGUAGES)('in %s', (language) => {
  const [command, ...args] = testOf[language]!

  test.runIf(has(command)).each(KINDS)(
    'a new %s passes the check, and its own test passes without a kernel',
    { timeout: 120_000 },
    async (kind) => {
      // A word of each language: a module's name must not become one of its identifiers.
      const folder = await newModule({ ...{ name: 'import', kind, language, kernel: '0.1.0' }, into: shop.folder })
      expect(await checkModule(folder)).toEqual([])
      expect(readFileSync(join(folder, 'README.md'), 'utf8')).toMatch(/^# import\n/)
      for (const file of globSync('**/*', { cwd: folder, exclude: ['node_modules'] }).map((one) => join(folder, one)))
        if (statSync(file).isFile()) expect(readFileSync(file, 'utf8')).not.toMatch(/\{\{\w+\}\}/)
      const { status, stderr, stdout } = spawnSync(command, args, { cwd: folder, encoding: 'utf8' })
      expect([status, status === 0 ? '' : stdout + stderr]).toEqual([0, ''])
    },
  )
})

test('a folder elsewhere finds the SDK by links of its own, one a package, made anew where they lead nowhere', async () => {
  const far = await mkdtemp(join(tmpdir(), 'recyclique-far-'))
  onTestFinished(() => rm(far, { recursive: true }))
  const folder = await newModule({ name: 'a', into: far, kernel: '0.1.0' })
  const home = join(folder, 'node_modules', '@recyclique')
  // A link to the folder of all packages would let npm tidy up in ours.
  expect(lstatSync(home).isSymbolicLink()).toBe(false)
  expect(readdirSync(home)).toEqual(['contracts', 'sdk'])
  expect(realpathSync(join(home, 'sdk'))).toBe(realpathSync('modules/sdk'))

  await rm(join(home, 'sdk'))
  await symlink(join(far, 'gone'), join(home, 'sdk'))
  await linkSdk(folder)
  expect(realpathSync(join(home, 'sdk'))).toBe(realpathSync('modules/sdk'))
})

test.each([
  [{ kind: 'plugin' }, "there is no kind 'plugin': choose from module, ui, api"],
  [{ language: 'rust' }, "there is no language 'rust': choose from ts, python, go"],
])('%j is refused, with what there is', async (more, words) => {
  await expect(newModule({ name: 'a', into: shop.folder, kernel: '0.1.0', ...more })).rejects.toThrow(words)
})

test.each(['Labels', '9labels', 'étiquettes', '../labels', 'a-', '', 'x'.repeat(25)])(
  '%j is no name for a module',
  async (name) => {
    await expect(scaffold(name)).rejects.toThrow(`'${name}' is no name for a module`)
  },
)

test('a folder that is there is left as it is', async () => {
  const folder = join(shop.folder, 'elsewhere', 'labels')
  mkdirSync(folder, { recursive: true })
  await expect(scaffold('labels')).rejects.toThrow(`${folder} is there already`)
})

const resync = { name: 'resync', description: 'reads everything again' }

test('the check says what is wrong, also where there is nothing', async () => {
  const at = shop.module('labels', { manifest: { commands: [resync, resync] } })
  expect(await checkModule(at)).toEqual(["labels, /commands/1: 'resync' is there twice"])
  expect(await checkModule(shop.module('bare', { main: null }))).toEqual([
    expect.stringMatching(/no main\.ts .* in .*bare/),
  ])
  expect(await checkModule(join(shop.modules, basename(at), 'nowhere'))).toEqual([
    expect.stringMatching(/there is no folder/),
  ])
})
