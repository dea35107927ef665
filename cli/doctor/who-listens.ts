import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { basename } from 'node:path'

/** What /proc/net/tcp calls a socket that listens. */
const LISTENS = '0A'

/** The process that listens on a port, as `12345 (node server.js)`. Linux only, and only processes that this user may look into. */
export const whoListens = (port: number): string | undefined => {
  const sockets = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) => socketsIn(read(table), port))
  if (sockets.length === 0) return undefined
  const pid = numbersIn('/proc').find((one) => filesOf(one).some((file) => sockets.includes(file)))
  return pid === undefined ? undefined : `${pid} (${commandOf(pid)})`
}

const MOST_SHOWN = 60

const commandOf = (pid: number): string => {
  const [program = '', ...args] = read(`/proc/${pid}/cmdline`).split('\0')
  const words = [basename(program), ...args].join(' ').trim()
  return words.length > MOST_SHOWN ? `${words.slice(0, MOST_SHOWN)}…` : words
}

const socketsIn = (table: string, port: number): string[] =>
  table
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local = '', , state]) => state === LISTENS && Number.parseInt(local.split(':')[1] ?? '', 16) === port)
    .map((fields) => `socket:[${fields[9]}]`)

const filesOf = (pid: number): string[] => {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((fd) => linkOf(`/proc/${pid}/fd/${fd}`))
  } catch {
    return []
  }
}

const linkOf = (path: string): string => {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

const numbersIn = (folder: string): number[] => {
  try {
    return readdirSync(folder)
      .map(Number)
      .filter((pid) => pid > 0)
  } catch {
    return []
  }
}

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
