import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, matchesGlob, relative } from 'node:path'
import { ROOT } from './compose-file.ts'

/** The folder that an image holds as /app. */
export type ImageTree = { folder: string; remove: () => void }

/**
 * Makes what `docker build` would put into /app, without an engine: the files that .dockerignore lets through, and the libraries that
 * `npm ci --omit=dev` installs, as links. What is missing in here is missing in the image.
 */
export const makeImageTree = (): ImageTree => {
  const folder = mkdtempSync(join(tmpdir(), 'recyclique-image-'))
  const isIgnored = readIgnored()
  for (const file of filesBelow(ROOT).map((path) => relative(ROOT, path)))
    if (!isIgnored(file)) {
      mkdirSync(dirname(join(folder, file)), { recursive: true })
      cpSync(join(ROOT, file), join(folder, file))
    }
  for (const [path, target] of librariesFor(folder)) {
    mkdirSync(dirname(path), { recursive: true })
    symlinkSync(target, path)
  }
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** As the engine reads it: a line holds for what lies below as well, and the last line that fits decides. */
const readIgnored = (): ((file: string) => boolean) => {
  const lines = readFileSync(join(ROOT, '.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
  const fits = (path: string, pattern: string) =>
    path.split('/').some((_, nth, parts) => matchesGlob(parts.slice(0, nth + 1).join('/'), pattern))
  return (file) => {
    const last = lines.findLast((line) => fits(file, line.replace(/^!/, '')))
    return last !== undefined && !last.startsWith('!')
  }
}

/** Neither of them is ever let through, and they are large. */
const NEVER = new Set(['node_modules', '.git', 'data', 'coverage'])

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !NEVER.has(name))
    .flatMap((entry) => {
      const path = join(folder, entry.name)
      return entry.isDirectory() ? filesBelow(path) : [path]
    })

type Locked = { dev?: boolean; devOptional?: boolean; optional?: boolean; link?: boolean; resolved?: string }

/** Where each library is put, and where it is taken from; the project's own packages are the copies. */
const librariesFor = (folder: string): [path: string, target: string][] => {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, Locked>
  }
  return Object.entries(packages)
    .filter(([path]) => /^node_modules\/(@[^/]+\/)?[^/]+$/.test(path))
    .filter(([, { dev, devOptional, optional }]) => !dev && !devOptional && !optional)
    .map(([path, { link, resolved = '' }]): [string, string] => [
      join(folder, path),
      link ? join(folder, resolved) : join(ROOT, path),
    ])
    .filter(([, target]) => existsSync(target))
}
