import { readFile } from 'node:fs/promises'
import { InstanceConfig, Misfit, parse } from '@recyclique/contracts'
import { LineCounter, parseDocument } from 'yaml'
import { CannotDo } from '../bad-use.ts'
import { lineOf } from './line-of.ts'

/** A configuration file that is missing or cannot be taken: the message names its path, and line and field where there are some. */
export class BadConfig extends CannotDo {}

/** Reads a configuration file; `undefined` where it is not there and nobody asked for it. Throws a `BadConfig`. */
export const readConfigFile = async (path: string, isAskedFor: boolean): Promise<InstanceConfig | undefined> => {
  try {
    return takeConfig(await readFile(path, 'utf8'), path)
  } catch (error) {
    if (error instanceof BadConfig) throw error
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' && !isAskedFor) return undefined
    const what = code === 'ENOENT' ? 'there is no such file' : message
    throw new BadConfig(`the configuration ${path} cannot be read: ${what}`, { cause: error })
  }
}

/** YAML text → configuration. An empty file configures nothing. */
export const takeConfig = (text: string, path: string): InstanceConfig => {
  const lineCounter = new LineCounter()
  const document = parseDocument(text, { lineCounter, prettyErrors: false })
  const [broken] = document.errors
  if (broken) {
    const { line } = lineCounter.linePos(broken.pos[0])
    throw new BadConfig(`${path}, line ${line}: ${broken.message}`)
  }
  try {
    return parse(InstanceConfig, document.toJS() ?? {}, path)
  } catch (error) {
    if (!(error instanceof Misfit)) throw error
    const flaws = error.flaws.map(({ field, why }) => {
      const line = lineOf(document, lineCounter, field)
      return `${path}, line ${line}: ${field || 'the whole'} ${why}`
    })
    throw new BadConfig(flaws.join('\n'), { cause: error })
  }
}
