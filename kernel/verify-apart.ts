import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Logger } from 'pino'
import type { VerifyReport } from './ledger/verify.ts'
import type { Settings } from './settings.ts'
import type { Trouble } from './trouble.ts'

/** Verifies the ledger in a process of its own, so that it holds nothing up, and remembers what came of it. */
export interface Verifier {
  verify(): Promise<VerifyReport>
  /** What the last verification found; nothing while all is well. */
  alarm(): Trouble[]
}

/** Verification is long: who asks while one runs gets that one's report. */
export const openVerifier = ({ dataDir, keysDir }: Settings, log: Logger): Verifier => {
  let running: Promise<VerifyReport> | undefined
  let last: VerifyReport | undefined
  return {
    verify() {
      running ??= runTool(['verify', '--data', dataDir, '--keys', keysDir, '--json'])
        .then((report) => {
          last = report
          const [flaw] = report.flaws
          if (flaw) log.error({ flaw, found: report.found }, 'the ledger is not as the kernel wrote it')
          return report
        })
        .finally(() => {
          running = undefined
        })
      return running
    },
    alarm() {
      const [flaw] = last?.flaws ?? []
      if (!flaw) return []
      const words = `the ledger was altered (${flaw.why}): run 'recyclique ledger verify' and restore a backup`
      return [{ words, isGrave: true }]
    },
  }
}

/** The tool's exit code 1 means "flaws were found": it says which on its standard output. */
const runTool = (args: string[]): Promise<VerifyReport> =>
  new Promise((resolve, reject) => {
    const tool = fileURLToPath(new URL('./tools.ts', import.meta.url))
    execFile(process.execPath, [tool, ...args], { maxBuffer: 16 * 1024 * 1024 }, (error, stdout, stderr) => {
      try {
        resolve(JSON.parse(stdout) as VerifyReport)
      } catch {
        reject(new Error(`ledger verify did not run: ${stderr.trim() || error?.message}`))
      }
    })
  })
