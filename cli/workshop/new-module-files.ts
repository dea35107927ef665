import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What a new module is to begin with: it hears and answers, it shows a page, or it is an API. */
export const KINDS = ['module', 'ui', 'api'] as const
export type Kind = (typeof KINDS)[number]

export const LANGUAGES = ['ts', 'python', 'go'] as const
export type Language = (typeof LANGUAGES)[number]

export interface NewFiles {
  readonly name: string
  readonly kind: Kind
  readonly language: Language
  /** The version of the kernel that it is written for. */
  readonly kernel: string
}

/** How a module of this language is started and tested, and in which file its author begins to read. */
const OF: Readonly<Record<Language, { test: string; code: string; setup: string; run?: (name: string) => string[] }>> =
  {
    ts: { test: 'npm test', code: 'module.ts', setup: '' },
    python: {
      test: 'python3 -m unittest',
      code: 'module.py',
      setup: ' It runs with nats-py: `python3 -m venv .venv && .venv/bin/pip install -r requirements.txt`.',
      run: () => ['python3', 'main.py'],
    },
    go: {
      test: 'go test ./...',
      code: 'module.go',
      setup: '',
      // Built first: `go run` would stand between the program and the signals that it gets.
      run: (name) => ['sh', '-c', `go build -o .build/${name} . && exec .build/${name}`],
    },
  }

/** The command that runs a new module's test, in its folder. */
export const testCommandOf = (language: Language): string => OF[language].test

/** The files of a new module, by path. Each is whole: nothing is left for its author to fill in before it runs. */
export const filesOf = (said: NewFiles): Readonly<Record<string, string>> => {
  const { name, kind, language } = said
  const { test, code, setup } = OF[language]
  const holes: Record<string, string> = { name, test, code, setup }
  const filled = (text: string) => text.replaceAll(/\{\{(\w+)\}\}/g, (_, hole: string) => holes[hole] ?? '')
  const layers = [`any/${kind}`, `${language}/common`, `${language}/${kind}`].map((layer) => join(TEMPLATES, layer))
  const texts = layers.flatMap((layer) => textsIn(layer).map(([path, text]) => [path, filled(text)]))
  return {
    ...(language === 'ts' ? { 'package.json': json(packageOf(name)) } : {}),
    'manifest.json': json(manifestOf(said)),
    ...Object.fromEntries(texts),
  }
}

const TEMPLATES = join(import.meta.dirname, 'templates')

/** They bear `.txt` behind their names, so that no tool takes them for ours. */
const textsIn = (layer: string): [path: string, text: string][] =>
  existsSync(layer)
    ? globSync(['**/*.txt', '**/.*.txt'], { cwd: layer }).map((path) => [
        path.replace(/\.txt$/, ''),
        readFileSync(join(layer, path), 'utf8'),
      ])
    : []

const packageOf = (name: string) => ({
  name: `recyclique-${name}`,
  version: '0.1.0',
  private: true,
  type: 'module',
  keywords: ['recyclique-module'],
  scripts: { test: 'node --test' },
  // Recyclique brings both: npm must not look for them elsewhere.
  peerDependencies: { '@recyclique/contracts': '*', '@recyclique/sdk': '*' },
  peerDependenciesMeta: { '@recyclique/contracts': { optional: true }, '@recyclique/sdk': { optional: true } },
})

const DOES: Readonly<Record<Kind, object>> = {
  module: {
    description: 'Suggests the price at which a thing of this category was sold last.',
    hears: ['sale.recorded'],
    hearsFrom: 'start',
    answers: [{ hook: 'price.suggest', args: ['categoryId'] }],
  },
  ui: {
    description: 'A page on which volunteers look up what a thing should cost.',
    routes: [{ method: 'GET', path: '/' }],
  },
  api: {
    description: 'Says what a ticket would cost, with so many percent off.',
    routes: [
      { method: 'GET', path: '/openapi.json' },
      { method: 'POST', path: '/quotes' },
    ],
  },
}

const manifestOf = ({ name, kind, language, kernel }: NewFiles) => {
  const { description, ...does } = DOES[kind] as { description: string }
  const run = OF[language].run?.(name)
  return {
    ...{ name, version: '0.1.0', description, kernel: `^${kernel}`, protocol: { min: 1, max: 1 } },
    ...(run ? { run } : {}),
    ...does,
  }
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`
