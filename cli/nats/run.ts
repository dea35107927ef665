import { spawn } from 'node:child_process'

export type Ran = { code: number | null; stdout: string; stderr: string }
export type RunOptions = { env: NodeJS.ProcessEnv; cwd?: string; timeoutMs?: number }

/**
 * Runs a command to its end and gives back what it said. It does not throw for a bad exit code, a command that is not there
 * (`code` null, the reason in `stderr`) or one that takes too long: a caller that has another way to go needs no `catch`.
 */
export const run = (command: string, args: string[], { env, cwd, timeoutMs = 30_000 }: RunOptions): Promise<Ran> =>
  new Promise((resolve) => {
    let stdout = ''
    let stderr = ''
    const child = spawn(command, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'], timeout: timeoutMs })
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    child.on('error', (error) => resolve({ code: null, stdout, stderr: `${stderr}${error.message}` }))
    child.on('close', (code) => resolve({ code, stdout, stderr }))
  })

/** The last lines of a text: enough for a person to see what went wrong. */
export const lastLines = (text: string, count = 5): string => text.trim().split('\n').slice(-count).join('\n')
