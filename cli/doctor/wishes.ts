import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { BadUse, CannotDo } from '../bad-use.ts'
import { installedHome } from '../installed/home.ts'
import { findModules, isStartable } from '../up/find-modules.ts'
import { dataFolder, readUpOptions } from '../up/options.ts'
import { bad, type Check, type Found, ok, warn } from './finding.ts'

/** What is wished for: whether the configuration can be read, and whether every module in it can be started. */
export const wishes: Check = {
  about: 'configuration',
  look: async ({ env }) => {
    const notes: string[] = []
    try {
      const asked = readUpOptions({}, env).modules
      const home = installedHome(dataFolder(undefined, env))
      const found = await findModules({ ...asked, env, home, isLooking: true, say: (line) => notes.push(line) })
      const unfit = found.filter((module) => !isStartable(module))
      return [
        ...notes.map((note): Found => warn(note, 'name it once')),
        ...unfit.map((module) =>
          bad(`${module.name} cannot be started: ${'why' in module ? module.why : ''}`, 'mend that, or take it out'),
        ),
        ...(unfit.length === 0
          ? [
              ok(
                sum(
                  found.map(({ name }) => name),
                  asked.config,
                ),
              ),
            ]
          : []),
      ]
    } catch (error) {
      if (!(error instanceof BadUse || error instanceof CannotDo)) throw error
      return error.message.split('\n').map((line) => bad(line, 'mend that line: the next start needs it'))
    }
  },
}

const sum = (names: readonly string[], config = 'recyclique.yaml'): string => {
  const file = existsSync(resolve(config))
    ? resolve(config)
    : 'no recyclique.yaml here, so all in modules/ that need not be named'
  return `${file}; modules: ${names.join(', ') || 'none'}`
}
