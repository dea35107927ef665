import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { CannotDo } from './bad-use.ts'
import { ROOT } from './paths.ts'
import { holderOf } from './up/lock.ts'
import { dataFolder } from './up/options.ts'
import { runFiles } from './up/run-file.ts'

/** Runs a verb of `kernel/tools.ts` on a data folder; what it prints is for the operator, and its exit code becomes ours. */
export const runTool = async (data: string | undefined, args: string[]): Promise<void> => {
  const folder = dataFolder(data, process.env)
  const tool = spawn(process.execPath, [join(ROOT, 'kernel', 'tools.ts'), ...args], {
    stdio: 'inherit',
    env: { ...process.env, RECYCLIQUE_DATA: folder },
  })
  // A Ctrl-C reaches the tool as well: it ends when it is ready to.
  process.on('SIGINT', () => {})
  process.exitCode = await new Promise<number>((resolve) => {
    tool.once('exit', (code) => resolve(code ?? 1))
    tool.once('error', () => resolve(1))
  })
}

/** Throws where something runs on the data folder: for tools that replace what a running kernel holds open. */
export const mustBeStopped = async (data: string | undefined, what: string): Promise<void> => {
  const folder = dataFolder(data, process.env)
  const pid = await holderOf(runFiles(folder).lock)
  if (pid !== undefined)
    throw new CannotDo(`Recyclique runs on ${folder} (process ${pid}): stop it before you ${what}.`)
}
