import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** One crash as it is kept for whoever looks into it later. */
export type CrashEntry = { name: string; at: string; livedMs: number; how: string }

export type Recorder = (crash: CrashEntry) => void

const KEPT = 200

/** Appends crashes to a file of the last 200, over restarts of Recyclique. That it cannot be written is no reason not to start again. */
export const recordTo =
  (file: string): Recorder =>
  (crash) => {
    try {
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
      writeFileSync(file, `${JSON.stringify([...crashesIn(file), crash].slice(-KEPT), null, 2)}\n`)
    } catch {
      // The log has it as well.
    }
  }

export const crashesIn = (file: string): CrashEntry[] => {
  try {
    const crashes: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return Array.isArray(crashes) ? (crashes as CrashEntry[]) : []
  } catch {
    return []
  }
}
