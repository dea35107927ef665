import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Which of our texts becomes which file; `{name}` and `{camel}` stand in them for the module's name. */
const TEXTS = {
  'main.ts.txt': 'main.ts',
  'module.ts.txt': 'module.ts',
  'test.ts.txt': 'test/{name}.test.ts',
  'README.md.txt': 'README.md',
}

/** The files of a new module, by path. Each is whole: nothing is left for its author to fill in before it runs. */
export const filesOf = (name: string, kernel: string): Readonly<Record<string, string>> => {
  const named = (text: string) => text.replaceAll('{name}', name).replaceAll('{camel}', camel(name))
  const texts = Object.entries(TEXTS).map(([from, path]) => [named(path), named(read(from))])
  return {
    'package.json': json(packageOf(name)),
    'manifest.json': json(manifestOf(name, kernel)),
    ...Object.fromEntries(texts),
  }
}

const packageOf = (name: string) => ({
  name: `recyclique-${name}`,
  version: '0.1.0',
  private: true,
  type: 'module',
  keywords: ['recyclique-module'],
  dependencies: { '@recyclique/contracts': '*', '@recyclique/sdk': '*' },
})

const manifestOf = (name: string, kernel: string) => ({
  name,
  version: '0.1.0',
  description: 'Adds up the sales since it was started.',
  kernel: `^${kernel}`,
  protocol: { min: 1, max: 1 },
  hears: ['sale.recorded'],
  hearsFrom: 'now',
  routes: [{ method: 'GET', path: '/' }],
})

const read = (file: string): string => readFileSync(join(import.meta.dirname, 'new-module', file), 'utf8')

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`

/** `shelf-labels` → `shelfLabels`. */
const camel = (name: string): string => name.replaceAll(/-+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
