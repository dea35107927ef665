import { existsSync, mkdirSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import type { Command } from 'commander'
import { BadUse } from '../bad-use.ts'
import { become } from '../become.ts'
import { installedHome } from '../installed/home.ts'
import { codeFolders } from '../limits/libraries.ts'
import { flagsOf, guardEnv, limitsOf } from '../limits/limits.ts'
import { ROOT } from '../paths.ts'
import { LEAN } from '../up/child.ts'
import { findModules, isStartable, type StartableModule } from '../up/find-modules.ts'
import { dataFolder, readUpOptions } from '../up/options.ts'
import { KERNEL_FLAGS } from '../up/spawn-kernel.ts'

/** `recyclique kernel`: one part alone, as a container or a service of the system runs it. The environment says everything. */
export const kernelCommand = (program: Command): void => {
  program
    .command('kernel')
    .description('run the kernel alone, as this process; the environment says how (for containers and services)')
    .action(() => become([...LEAN, ...KERNEL_FLAGS, join(ROOT, 'kernel', 'main.ts')], process.env))
}

/** `recyclique module <name>`: one module alone. Each process has an instance name of its own, so that there may be several. */
export const moduleCommand = (program: Command): void => {
  program
    .command('module <name>')
    .description('run one module alone, as this process; the environment says how (for containers and services)')
    .action(async (name: string) => {
      const module = await findModule(name, process.env)
      const env = surroundingsOf(module, process.env)
      mkdirSync(env.RECYCLIQUE_MODULE_DATA ?? '', { recursive: true, mode: 0o700 })
      await becomeModule(module, env)
    })
}

/** Ours by this Node; one of another language by the program that its manifest names, in its folder. */
const becomeModule = async (module: StartableModule, env: NodeJS.ProcessEnv) => {
  const { name, folder, entry, manifest } = module
  if (!manifest.run && env.RECYCLIQUE_MODULE_LIMITS === 'off') return become([...LEAN, entry], env)
  if (!manifest.run) {
    const limits = await limitsAlone(module, env)
    return become([...LEAN, ...flagsOf(limits), entry], { ...env, ...guardEnv(limits) })
  }
  const [word = '', ...args] = manifest.run
  process.chdir(folder)
  const program = whereIs(word, env)
  if (program === undefined)
    throw new BadUse(`${name} cannot be run: there is no program '${word}' here: install it, or put it on the PATH`)
  return become(args, env, program)
}

/** Where an engine lays the secrets of a container; everything there is meant for the one service in it. */
const SECRETS = '/run/secrets'

/** Nobody may be there to ask: it is held to what it asks for, and the kernel lets it wait for as long as not all of that was granted. */
const limitsAlone = async ({ folder, manifest, config = {}, memory }: StartableModule, env: NodeJS.ProcessEnv) => {
  const limits = limitsOf({
    manifest,
    folders: await codeFolders(folder),
    creds: env.RECYCLIQUE_CREDS || undefined,
    data: resolve(env.RECYCLIQUE_MODULE_DATA ?? ''),
    servers: env.NATS_URL || 'nats://127.0.0.1:4222',
    config,
    isGranted: () => true,
    memory,
  })
  return existsSync(SECRETS) ? { ...limits, read: [...limits.read, SECRETS] } : limits
}

/** Nobody looks along the PATH for a program that takes our place. */
const whereIs = (word: string, { PATH = '' }: NodeJS.ProcessEnv): string | undefined =>
  (word.includes('/') ? [resolve(word)] : PATH.split(delimiter).map((folder) => join(folder, word))).find(existsSync)

/** With the configuration that the installation gives it; also one that the installation does not start by itself. */
const findModule = async (name: string, env: NodeJS.ProcessEnv): Promise<StartableModule> => {
  const { profile, config } = readUpOptions({}, env).modules
  const home = installedHome(dataFolder(undefined, env))
  const wanted = await findModules({ profile, config, env, home })
  const found = wanted.find((one) => one.name === name) ?? (await findModules({ flag: [name], env, home }))[0]
  if (found && isStartable(found)) return found
  throw new BadUse(`${name} cannot be run: ${found?.why ?? 'there is no such module'}`)
}

/** What is not said is where `recyclique up` has it, so that a part can be tried by hand on the same data folder. */
const surroundingsOf = ({ name, config, configOrigin }: StartableModule, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => {
  const data = dataFolder(undefined, env)
  const creds = join(env.RECYCLIQUE_KEYS || join(data, 'keys'), 'modules', name, `${name}.creds`)
  return {
    ...(existsSync(creds) && env.RECYCLIQUE_REDUCED !== '1' ? { RECYCLIQUE_CREDS: creds } : {}),
    ...(config === undefined ? {} : { RECYCLIQUE_MODULE_CONFIG: JSON.stringify(config) }),
    ...(configOrigin === undefined ? {} : { RECYCLIQUE_MODULE_CONFIG_ORIGIN: configOrigin }),
    ...env,
    RECYCLIQUE_MODULE_DATA: env.RECYCLIQUE_MODULE_DATA || join(data, 'modules', name),
  }
}
