import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { readDockerfile } from './dockerfile.ts'

export const ROOT = join(import.meta.dirname, '..', '..', '..')

export type Service = {
  image: string
  build?: string
  entrypoint?: string[]
  command: string[]
  user?: string
  profiles?: string[]
  read_only?: boolean
  cap_drop?: string[]
  security_opt?: string[]
  environment?: Record<string, string>
  depends_on?: Record<string, { condition: string }>
  healthcheck?: { test: string[] }
  networks?: string[]
  network_mode?: string
  ports?: string[]
  volumes: string[]
}

export type Compose = {
  services: Record<string, Service>
  volumes: object
  networks: Record<string, { internal?: boolean }>
}

/** The file as an engine reads it: anchors merged, and each variable that nobody sets replaced by what stands behind `:-`. */
export const readCompose = (): Compose => {
  const text = readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8')
  return parse(text.replace(/\$\{\w+:-([^}]*)\}/g, '$1'), { merge: true }) as Compose
}

/** What a service's container runs: its own entrypoint, else its image's. */
export const commandOf = ({ build, entrypoint, command }: Service): string[] => [
  ...(entrypoint ?? (build === undefined ? [] : readDockerfile(ROOT).entrypoint)),
  ...command,
]

/** Services in the order in which an engine may start them. */
export const inOrder = ({ services }: Compose): string[] => {
  const ordered: string[] = []
  const visit = (name: string) => {
    for (const before of Object.keys(services[name]?.depends_on ?? {})) visit(before)
    if (!ordered.includes(name)) ordered.push(name)
  }
  for (const name of Object.keys(services)) visit(name)
  return ordered
}
