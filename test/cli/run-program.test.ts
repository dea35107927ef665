import { realpathSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { spawnModule } from '../../cli/up/spawn-module.ts'
import { makeCatalogue } from '../../cli/workshop/catalogue.ts'
import { isStartable } from '../../cli/workshop/manifests.ts'
import { openWorkshop, type Workshop } from '../conformance/workshop-folders.ts'

let shop: Workshop
beforeEach(async () => {
  shop = await openWorkshop()
})
afterEach(() => shop.close())

const start = async (run: string[], onLine: (line: string) => void = () => {}) => {
  const folder = shop.module('scales', { main: null, manifest: { run } })
  writeFileSync(join(folder, 'start.sh'), SCRIPT)
  const catalogue = makeCatalogue({ folders: [shop.modules] })
  await catalogue.discover()
  const [module] = catalogue.modules().filter(isStartable)
  return spawnModule({
    ...{ name: 'scales', entry: module!.entry, program: { command: module!.manifest.run!, folder } },
    ...{ env: { PATH: process.env.PATH }, data: join(shop.folder, 'data'), leash: shop.leash, onLine },
  })
}

const SCRIPT = `
trap 'echo drained; exit 0' TERM
pwd
echo "$1"
echo '{"msg":"admitted"}'
while :; do sleep 0.05; done
`

test('a module in another language is started as its manifest says, in its folder, and drained like every other', async () => {
  const lines: string[] = []
  const started = await start(['sh', './start.sh', 'grams'], (line) => lines.push(line))
  await started.ready
  await started.stop()
  expect(await started.ended).toEqual({ how: 'ended with code 0', code: 0 })
  expect(lines).toEqual([realpathSync(join(shop.modules, 'scales')), 'grams', '{"msg":"admitted"}', 'drained'])
})

test('a program that is not there is named, and not tried again and again', async () => {
  const started = await start(['no-such-python', 'main.py'])
  await expect(started.ready).rejects.toMatchObject({
    message: expect.stringContaining("there is no program 'no-such-python' here: install it, or put it on the PATH"),
    code: 78,
  })
})
