import { spawn } from 'node:child_process'
import { constants } from 'node:os'

/**
 * Becomes another program, ours run by this Node, or any by its path: the same process under the same number, so that whoever started us (a container's engine, systemd)
 * signals that program and reads its exit code, with nobody in between. Windows knows no such thing: there it is a child whose
 * signals and end are ours. Never returns.
 */
export const become = async (
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  program = process.execPath,
): Promise<never> => {
  if (process.platform !== 'win32') process.execve?.(program, [program, ...args], env)
  const child = spawn(program, [...args], { env, stdio: 'inherit' })
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => child.kill(signal))
  return new Promise((_, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => process.exit(code ?? 128 + (signal ? constants.signals[signal] : 0)))
  })
}
