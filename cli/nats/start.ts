import { type ChildProcess, spawn } from 'node:child_process'
import { watch } from 'node:fs'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lastLines } from './run.ts'

export type RunningServer = {
  /** What a client connects to, with the port that the server really took. */
  url: string
  pid: number
  /** Settles when the process has ended, for whatever reason. */
  ended: Promise<void>
  /** Asks it to stop and waits; kills it after `killAfterMs`. May be called twice. */
  stop(): Promise<void>
}

type Start = {
  path: string
  configFile: string
  /** Hears each line of the server's log. */
  log?: (line: string) => void
  /** Hears the process's number at once, before the server is ready. */
  spawned?: (pid: number) => void
  readyWithinMs?: number
  killAfterMs?: number
}

const KEPT_LINES = 20

/**
 * Starts a server in a process group of its own, so that a Ctrl-C in the terminal does not reach it before the kernel has let
 * go, and answers when clients may connect. Throws with the last lines of its log where it dies first or takes too long.
 *
 * The port comes from the file that the server writes once it listens, since the configuration may say "any free one". Nobody
 * sleeps: the folder is watched, and the server's log lines wake us as well where a file system tells nothing.
 */
export const startNatsServer = async (start: Start): Promise<RunningServer> => {
  const { path, configFile, log = () => {}, spawned = () => {}, readyWithinMs = 10_000, killAfterMs = 5_000 } = start
  const portsDir = await mkdtemp(join(tmpdir(), 'recyclique-ports-'))
  const child = spawn(path, ['--config', configFile, '--ports_file_dir', portsDir], {
    detached: process.platform !== 'win32',
    stdio: ['ignore', 'ignore', 'pipe'],
    windowsHide: true,
  })
  if (child.pid !== undefined) spawned(child.pid)
  const lines = keepLines(child, log)
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    child.once('error', () => resolve())
  })
  // Not before: the server looks for its file when it goes, and complains where it is gone.
  const ended = exited.then(() => rm(portsDir, { recursive: true, force: true }))
  const stop = () => stopChild(child, ended, killAfterMs)
  try {
    const url = await firstUrl({ child, portsDir, readyWithinMs })
    return { url, pid: child.pid!, ended, stop }
  } catch (cause) {
    await stop()
    throw new Error(
      `nats-server did not start: ${(cause as Error).message}\n${lastLines(lines.join('\n'), KEPT_LINES)}`,
      {
        cause,
      },
    )
  }
}

const keepLines = (child: ChildProcess, log: (line: string) => void): string[] => {
  const lines: string[] = []
  let rest = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n')
    rest = parts.pop() ?? ''
    for (const line of parts) log(line)
    lines.push(...parts)
    lines.splice(0, Math.max(0, lines.length - KEPT_LINES))
  })
  return lines
}

type FirstUrl = { child: ChildProcess; portsDir: string; readyWithinMs: number }

const firstUrl = ({ child, portsDir, readyWithinMs }: FirstUrl): Promise<string> =>
  new Promise<string>((resolve, reject) => {
    const look = async () => {
      const url = await readUrl(portsDir)
      if (url) settle(() => resolve(url))
    }
    const watcher = watch(portsDir, look)
    const timer = setTimeout(
      () => settle(() => reject(new Error(`not ready after ${readyWithinMs} ms`))),
      readyWithinMs,
    )
    const onError = (error: Error) => settle(() => reject(error))
    // 'close' rather than 'exit': by then its last words have been read.
    const onClose = (code: number | null, signal: string | null) =>
      settle(() => reject(new Error(`it ended with ${signal ?? `code ${code}`}`)))
    const settle = (act: () => void) => {
      clearTimeout(timer)
      watcher.close()
      child.off('error', onError).off('close', onClose).stderr?.off('data', look)
      // One listener stays, since an 'error' that nobody hears ends our own process.
      child.on('error', () => {})
      act()
    }
    watcher.on('error', () => {})
    child.on('error', onError).on('close', onClose).stderr?.on('data', look)
  })

/** Undefined until the file is there and whole. The server names it after its own program, so the name is not for us to guess. */
const readUrl = async (portsDir: string): Promise<string | undefined> => {
  try {
    const [name = ''] = await readdir(portsDir)
    const ports: unknown = JSON.parse(await readFile(join(portsDir, name), 'utf8'))
    const [url] = (ports as { nats?: string[] }).nats ?? []
    return url
  } catch {
    return undefined
  }
}

const stopChild = async (child: ChildProcess, ended: Promise<void>, killAfterMs: number): Promise<void> => {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return ended
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), killAfterMs)
  await ended
  clearTimeout(timer)
}
