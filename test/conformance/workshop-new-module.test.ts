import { mkdirSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { spawnModule } from '../../cli/up/spawn-module.ts'
import { checkModule } from '../../cli/workshop/check-module.ts'
import { newModule } from '../../cli/workshop/new-module.ts'
import { factMaker } from '../modules/facts.ts'
import { fakeKernel } from '../support/fake-kernel.ts'
import { startTestServer } from '../support/nats.ts'
import { until } from '../support/wait.ts'
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
    await kernel.tell(factMaker().sale([{ categoryId: 'livres', cents: 730 }]))
    await until(async () => {
      const { text } = await kernel.call('shelf-counter', body.instance, { path: '/' })
      return text === '{"sales":1,"totalCents":730}'
    })
    await shop.crew.stopAll()
    expect(await started.ended).toEqual({ how: 'ended with code 0', code: 0 })
  } finally {
    await shop.crew.stopAll()
    await server.stop()
  }
})

test('a new module brings a test, a page of words, and a package that tools find', async () => {
  const folder = await scaffold('a')
  const read = (file: string) => readFileSync(join(folder, file), 'utf8')
  expect(JSON.parse(read('package.json'))).toMatchObject({ keywords: ['recyclique-module'], type: 'module' })
  expect(read('README.md')).toContain('# a\n')
  expect(read('test/a.test.ts')).toContain('aModule')
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
