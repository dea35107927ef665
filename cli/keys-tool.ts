import { join } from 'node:path'
import { CannotDo } from './bad-use.ts'
import { run } from './nats/run.ts'
import { ROOT } from './paths.ts'

/** Runs `kernel/keys-tool.ts`, which holds the seeds so that we need not, and gives back what it printed. */
export const runKeysTool = async <T>(args: string[], env: NodeJS.ProcessEnv = process.env): Promise<T> => {
  const { code, stdout, stderr } = await run(process.execPath, [join(ROOT, 'kernel', 'keys-tool.ts'), ...args], { env })
  if (code !== 0) throw new CannotDo(`the keys are not ready: ${stderr.trim()}`)
  return JSON.parse(stdout) as T
}
