import { isAbsolute } from 'node:path'
import type { Manifest } from '@recyclique/contracts'

/** Where a module reaches to, once settings stand in the place of their names. */
export interface Reach {
  readonly net: readonly string[]
  readonly listen: readonly string[]
  readonly read: readonly string[]
  readonly write: readonly string[]
  readonly unset: readonly Setting[]
}

/** A setting that stands for something, and for what. */
export type Setting = { readonly key: string; readonly right: string }

type Config = Readonly<Record<string, unknown>>

/** What the manifest asks for and was granted, in hosts, ports and paths. */
export const reachOf = (manifest: Manifest, isGranted: (right: string) => boolean, config: Config): Reach => {
  const { net = [], listen = [], fs = [] } = manifest.permissions ?? {}
  const unset: Setting[] = []
  const granted = (kind: string, names: readonly string[]) => names.filter((name) => isGranted(`${kind}:${name}`))
  /** What the name comes to, or what is set for it; `front` is what stands before the name of the setting. */
  const meant = (kind: string, name: string, front: string, read: (value: unknown) => string[]): string[] => {
    if (!name.startsWith(`${front}config:`)) return [name]
    const key = name.slice(`${front}config:`.length)
    const values = read(config[key] ?? manifest.config?.properties?.[key]?.default)
    if (values.length === 0) unset.push({ key, right: `${kind}:${name}` })
    return values.map((value) => `${front}${value}`)
  }
  const onlyRead = granted('fs', fs).filter((name) => name.startsWith('read:'))
  const also = granted('fs', fs).filter((name) => !name.startsWith('read:'))
  const write = also.flatMap((name) => meant('fs', name, '', pathsIn))
  const read = onlyRead.flatMap((name) => meant('fs', name, 'read:', pathsIn)).map((name) => name.slice('read:'.length))
  return {
    net: granted('net', net).flatMap((name) => meant('net', name, '', hostsIn)),
    listen: granted('listen', listen).flatMap((name) =>
      meant('listen', name, name.startsWith('*:') ? '*:' : '', portsIn),
    ),
    read: [...read, ...write],
    write,
    unset,
  }
}

/** Of an address host and port, of a host itself; of a list each one. */
const hostsIn = (value: unknown): string[] => {
  if (Array.isArray(value)) return value.flatMap(hostsIn)
  if (typeof value !== 'string') return []
  if (!value.includes('://')) return /^[A-Za-z0-9.[\]:-]+$/.test(value) ? [value.toLowerCase()] : []
  if (!URL.canParse(value)) return []
  const { hostname, port, protocol } = new URL(value)
  const said = port || USUAL_PORTS[protocol]
  return hostname === '' ? [] : [said === undefined ? hostname : `${hostname}:${said}`]
}

/** The usual ports, which an address leaves out. */
const USUAL_PORTS: Readonly<Record<string, string>> = { 'https:': '443', 'http:': '80', 'wss:': '443', 'ws:': '80' }

const portsIn = (value: unknown): string[] => {
  const port = typeof value === 'string' && /^\d{1,5}$/.test(value) ? Number(value) : value
  return typeof port === 'number' && Number.isInteger(port) && port >= 0 && port <= 65_535 ? [String(port)] : []
}

const pathsIn = (value: unknown): string[] => {
  if (Array.isArray(value)) return value.flatMap(pathsIn)
  return typeof value === 'string' && isFullPath(value) ? [value] : []
}

/** One that Node would not take for a pattern. */
export const isFullPath = (path: string): boolean => isAbsolute(path) && !path.includes('*')
