import { type ChildProcess, spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { TestServer } from '../support/nats.ts'
import { collector } from './collector.ts'

export interface Child {
  readonly process: ChildProcess
  /** Every line of its standard output, and each as it comes. */
  readonly lines: ReturnType<typeof collector<string>>
  readonly complaints: () => string
  /** Its exit code, or the signal that ended it, once all that it wrote was read. */
  readonly ended: Promise<number | NodeJS.Signals | null>
}

/** Runs a script of this repository in a process of its own, with nothing of our environment but what Node needs. */
export const startChild = (script: string, env: Record<string, string>): Child => {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../..', script)], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const lines = collector<string>()
  createInterface({ input: child.stdout }).on('line', lines.add)
  let complaints = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text
  })
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) =>
    child.once('close', (code, signal) => resolve(signal ?? code)),
  )
  return { process: child, lines, complaints: () => complaints, ended }
}

/** The environment with which `up` starts a module. */
export const moduleEnv = async (server: TestServer, module: string, instance: string) => {
  const { creds } = await server.addModule(module)
  const path = join(server.folder, `${module}.creds`)
  await writeFile(path, creds, { mode: 0o600 })
  return {
    NATS_URL: server.url,
    RECYCLIQUE_SITE: 'essai',
    RECYCLIQUE_CREDS: path,
    RECYCLIQUE_INSTANCE: instance,
    RECYCLIQUE_MODULE_DATA: join(server.folder, 'data', module),
  }
}
