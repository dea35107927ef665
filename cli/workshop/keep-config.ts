import type { InstanceConfig } from '@recyclique/contracts'
import { BadConfig, readConfigFile } from './config-file.ts'

/** A configuration over time. */
export interface ConfigKeeper {
  /**
   * What is in force: what the file says now, or, where that cannot be taken, what it said last; the reason is said then. Throws a
   * `BadConfig` where nothing was ever in force.
   */
  readonly read: () => Promise<InstanceConfig | undefined>
}

type KeepConfig = { path: string; isAskedFor: boolean; say: (line: string, level: 'error' | 'info') => void }

/** Keeps the last good configuration of a file: a slip of the pen stops nobody who works. */
export const keepConfig = ({ path, isAskedFor, say }: KeepConfig): ConfigKeeper => {
  let last: { config: InstanceConfig | undefined } | undefined
  let said: string | undefined
  return {
    read: async () => {
      try {
        // A file that was there and is gone is a slip as well.
        last = { config: await readConfigFile(path, isAskedFor || last?.config !== undefined) }
        if (said !== undefined) say(`${path} is in order again, and in force.`, 'info')
        said = undefined
      } catch (error) {
        if (!(error instanceof BadConfig) || !last) throw error
        // Once for each slip, however often somebody looks.
        if (said !== error.message) say(`${error.message}\nThe last good configuration stays in force.`, 'error')
        said = error.message
      }
      return last.config
    },
  }
}
