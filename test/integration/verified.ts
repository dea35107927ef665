import { execFile } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { VerifyReport } from '../../kernel/ledger/verify.ts'
import type { KernelProcess } from '../support/kernel-process.ts'

const TOOL = join(import.meta.dirname, '../../kernel/tools.ts')

/** What `recyclique ledger verify` says of a kernel's ledger, which may sell meanwhile or be stopped. */
export const verified = async (kernel: KernelProcess): Promise<VerifyReport> => {
  const { code, text } = await verifyTool(kernel, '--json')
  const report = JSON.parse(text) as VerifyReport
  if (code !== (report.ok ? 0 : 1)) throw new Error(`the tool ended with ${code} and said ok: ${report.ok}`)
  return report
}

/** The tool as it is run by hand: its exit code, and what it prints. */
export const verifyTool = (
  { dataDir, keysDir }: KernelProcess,
  ...flags: string[]
): Promise<{ code: number; text: string }> =>
  new Promise((resolve) => {
    const args = [TOOL, 'verify', '--data', dataDir, '--keys', keysDir, ...flags]
    const env = { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'recyclique-compile-cache') }
    const tool = execFile(process.execPath, args, { env }, (_, stdout, stderr) =>
      resolve({ code: tool.exitCode ?? -1, text: stdout || stderr }),
    )
  })
