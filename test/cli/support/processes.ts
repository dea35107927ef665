import { readdirSync, readFileSync } from 'node:fs'
import { isAlive } from '../../../cli/up/process-group.ts'

/** Linux tells who runs; elsewhere the tests that ask are not run. */
export const canSeeProcesses = process.platform === 'linux'

export type Seen = { pid: number; what: string }

/** Every process that bears a text in its command line or its environment (a data folder's path): who, and what it runs. */
export const processesWith = (text: string): Seen[] =>
  readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && pid !== process.pid && isAlive(pid))
    .flatMap((pid) => {
      const command = read(`/proc/${pid}/cmdline`)
      if (!`${command}${read(`/proc/${pid}/environ`)}`.includes(text)) return []
      return [{ pid, what: command.replaceAll('\0', ' ').trim() }]
    })

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
