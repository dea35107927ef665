import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findModules } from '../../cli/up/find-modules.ts'
import { readUpOptions } from '../../cli/up/options.ts'
import { effectiveList } from '../../cli/workshop/config.ts'
import { takeConfig } from '../../cli/workshop/config-file.ts'
import { keepConfig } from '../../cli/workshop/keep-config.ts'
import { isStartable } from '../../cli/workshop/manifests.ts'
import { startInOrder } from '../../cli/workshop/start-in-order.ts'
import { openWorkshop, type Workshop } from './workshop-folders.ts'

let shop: Workshop
beforeEach(async () => {
  shop = await openWorkshop()
})
afterEach(() => shop.close())

/** What `recyclique up` would start with these flags and this environment, out of this workshop's folders. */
const find = (env: NodeJS.ProcessEnv, flags: { config?: string; modules?: string } = {}) => {
  const { modules } = readUpOptions(flags, env)
  const cached = { XDG_CACHE_HOME: join(shop.folder, 'cache') }
  return findModules({ ...modules, env: cached, say: shop.say, folder: shop.modules })
}
const startFound = async (...of: Parameters<typeof find>) => {
  const found = await find(...of)
  await startInOrder({ crew: shop.crew, modules: found.filter(isStartable), start: shop.start })
  return found
}
const twoPlugins = () => {
  shop.module('plugin1')
  shop.module('plugin2', { manifest: { requires: { plugin1: '^1.0.0' } } })
  return shop.file('recyclique.yaml', 'modules:\n  - name: plugin1\n  - { name: plugin2, enabled: false }\n')
}

test('O87 exactly the enabled module is active', async () => {
  const config = twoPlugins()
  await startFound({}, { config })

  expect(shop.crew.names()).toEqual(['plugin1'])
  expect(shop.journal()).toEqual(['plugin1 starts'])
})

test('O88 the environment enables what the file disables, and stands as the origin', async () => {
  const path = twoPlugins()
  await startFound({ RECYCLIQUE_CONFIG: path, RECYCLIQUE_MODULES: 'plugin2' })
  expect(shop.crew.names()).toEqual(['plugin1', 'plugin2'])

  const config = { modules: [{ name: 'plugin1' }, { name: 'plugin2', enabled: false }] }
  const file = { path: 'recyclique.yaml', config }
  expect(effectiveList({ file, environment: ['plugin2'], found: [] }).entries).toMatchObject([
    { name: 'plugin1', isEnabled: true, origin: 'recyclique.yaml' },
    { name: 'plugin2', isEnabled: true, origin: 'RECYCLIQUE_MODULES' },
  ])
  expect(effectiveList({ file, found: [] }).entries[1]).toMatchObject({ isEnabled: false, origin: 'recyclique.yaml' })
})

test('a module that is opt-in runs where somebody names it, and not because it is there', async () => {
  shop.module('plugin1')
  shop.module('plugin2', { manifest: { isOptIn: true } })
  const names = async (env: NodeJS.ProcessEnv, flags = {}) => (await find(env, flags)).map(({ name }) => name)

  expect(await names({})).toEqual(['plugin1'])
  expect(await names({ RECYCLIQUE_MODULES: 'plugin2' })).toEqual(['plugin2'])
  expect(await names({}, { modules: 'plugin1,plugin2' })).toEqual(['plugin1', 'plugin2'])
  expect(await names({}, { config: shop.file('r.yaml', 'modules: [{ name: plugin2 }]\n') })).toEqual(['plugin2'])
})

test('O92 a bad file is said with line and field, starts nothing new, and the last good configuration stays in force', async () => {
  const path = twoPlugins()
  const keeper = keepConfig({ path, isAskedFor: true, say: shop.say })
  const good = await keeper.read()

  writeFileSync(path, 'modules:\n  - name: plugin1\n  - name: plugin2\n    enabeld: true\n')
  expect(await keeper.read()).toEqual(good)
  expect(shop.said).toEqual([
    expect.stringMatching(/recyclique\.yaml, line 4: \/modules\/1\/enabeld is not known here/),
  ])
  writeFileSync(path, 'modules: [\n')
  expect(await keeper.read()).toEqual(good)
  expect(shop.said[1]).toMatch(/recyclique\.yaml, line \d: .*\nThe last good configuration stays in force/)

  // Nothing was ever in force for one who starts now: nothing is started.
  await expect(startFound({}, { config: path })).rejects.toThrow(/recyclique\.yaml, line \d/)
  const late = keepConfig({ path, isAskedFor: true, say: shop.say })
  await expect(late.read()).rejects.toThrow(/recyclique\.yaml, line \d/)
  expect(shop.crew.names()).toEqual([])

  writeFileSync(path, 'modules: []\n')
  expect(await keeper.read()).toEqual({ modules: [] })
})

test('O93 a configuration file that was named and is not there is named in the error', async () => {
  const config = join(shop.folder, 'nowhere', 'recyclique.yaml')
  await expect(find({}, { config })).rejects.toThrow(config)
  await expect(find({ RECYCLIQUE_CONFIG: config })).rejects.toThrow(config)
})

test('a configuration file that nobody named may be missing: then everything that is there is wanted', async () => {
  twoPlugins()
  expect((await find({})).map(({ name }) => name)).toEqual(['plugin1', 'plugin2'])
})

test('O94 a module that the environment names and that is nowhere is named, and the rest goes on', async () => {
  shop.module('plugin1')
  const found = await startFound({ RECYCLIQUE_MODULES: 'nobody, plugin1' })

  expect(found).toMatchObject([
    { name: 'nobody', why: 'RECYCLIQUE_MODULES names it, but there is no such module: choose from plugin1' },
    { name: 'plugin1' },
  ])
  expect(shop.crew.names()).toEqual(['plugin1'])
})

test('O95 a module out of two sources is started once, and the second mention is logged', async () => {
  const config = twoPlugins()
  await startFound({ RECYCLIQUE_MODULES: 'plugin1' }, { config })

  expect(shop.journal()).toEqual(['plugin1 starts'])
  expect(shop.said).toEqual([`plugin1 is named by ${config} and again by RECYCLIQUE_MODULES: it is started once`])
})

test('O115 the environment selects the profile over the default', async () => {
  for (const name of ['basis', 'for-dev', 'for-till']) shop.module(name)
  const config = shop.file(
    'recyclique.yaml',
    `modules: [{ name: basis }]
profile: till
profiles:
  dev: { modules: [{ name: for-dev }, { name: basis, config: { verbose: true } }] }
  till: { modules: [{ name: for-till }] }
`,
  )
  const names = async (env: NodeJS.ProcessEnv) => (await find(env, { config })).map(({ name }) => name)

  expect(await names({})).toEqual(['basis', 'for-till'])
  expect(await names({ RECYCLIQUE_PROFILE: 'dev' })).toEqual(['basis', 'for-dev'])
  expect((await find({ RECYCLIQUE_PROFILE: 'dev' }, { config }))[0]).toMatchObject({ config: { verbose: true } })
  const dev = { path: 'x.yaml', config: takeConfig('profiles: { dev: { modules: [{ name: basis }] } }', 'x.yaml') }
  expect(effectiveList({ file: dev, profile: 'dev', found: [] }).entries[0]?.origin).toBe('x.yaml, profile dev')
})

test('O116 an unknown profile is an error that lists those that there are', async () => {
  const config = shop.file('recyclique.yaml', 'profiles: { dev: {}, till: {} }\n')
  for (const profile of ['prod', 'constructor'])
    await expect(find({ RECYCLIQUE_PROFILE: profile }, { config })).rejects.toThrow(
      `there is no profile '${profile}' in ${config}: choose from dev, till`,
    )
})

test('a profile without a configuration file is an error as well', async () => {
  await expect(find({ RECYCLIQUE_PROFILE: 'dev' })).rejects.toThrow(
    "there is no profile 'dev': there is no configuration",
  )
})

test('a version that does not fit is not started, and says who wanted it', async () => {
  shop.module('labels', { manifest: { version: '2.0.0' } })
  const config = shop.file('recyclique.yaml', 'modules: [{ name: labels, version: ^1.2 }]\n')
  expect(await find({}, { config })).toMatchObject([{ name: 'labels', why: `${config} wants ^1.2, but it is 2.0.0` }])
})

test('`none` in the environment is no module at all, and the command line is the last word', async () => {
  const config = twoPlugins()
  expect(await find({ RECYCLIQUE_MODULES: 'none' }, { config })).toEqual([])
  const flagged = await find({ RECYCLIQUE_MODULES: 'none' }, { config, modules: 'plugin2' })
  expect(flagged.map(({ name }) => name)).toEqual(['plugin2'])
})
