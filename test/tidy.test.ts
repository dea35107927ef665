import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { expect, test } from 'vitest'

/**
 * The import table of the design. Neither npm workspaces nor the compiler refuses a wrong import: this does.
 *
 * `own` are folders of this project (as a prefix of the imported file), `libraries` are packages; `node` says whether Node's own
 * modules may be used. The first row whose `place` matches a file holds for it.
 */
const TABLE: { place: RegExp; own: RegExp; libraries: string[]; node: boolean }[] = [
  { place: /^contracts\//, own: /^contracts\//, libraries: ['@sinclair/typebox'], node: false },
  rules('centre|sales|cash|matter|hooks', []),
  rules('ledger', ['canonicalize'], true),
  ...[rules('registry', ['semver'], true), rules('wishes', ['croner', '@sinclair/typebox'], true)].map((row) => ({
    ...row,
    own: /^(contracts\/|kernel\/(errors\.ts|hooks\/|ledger\/|pages\/|registry\/|remote\/|wishes\/|store\/(port|table)\.ts|bus\/port\.ts))/,
  })),
  {
    place: /^kernel\/pages\//,
    own: /^(contracts\/|kernel\/(pages\/|store\/(port|table)\.ts|bus\/port\.ts))/,
    libraries: [],
    node: true,
  },
  {
    place: /^kernel\/remote\//,
    own: /^(contracts\/|kernel\/(remote\/|hooks\/|bus\/port\.ts))/,
    libraries: [],
    node: true,
  },
  {
    place: /^kernel\/keys\//,
    own: /^(contracts|kernel\/keys)\//,
    libraries: ['@nats-io/nkeys', '@nats-io/transport-node'],
    node: true,
  },
  { place: /^kernel\/keys-tool\.ts/, own: /^(contracts|kernel\/keys)\//, libraries: [], node: true },
  { place: /^kernel\/store\//, own: /^kernel\/store\//, libraries: ['pg'], node: true },
  { place: /^kernel\/bus\/(?!nats)/, own: /^(contracts|kernel\/(bus|ledger|errors))/, libraries: ['pino'], node: true },
  {
    place: /^kernel\/bus\//,
    own: /^(contracts|kernel\/(bus|ledger|errors|keys))/,
    libraries: ['@nats-io/transport-node', '@nats-io/jetstream', 'pino'],
    node: true,
  },
  {
    place: /^kernel\/http\//,
    own: /^(contracts|kernel)\/(?!store\/sqlite|bus\/nats)/,
    libraries: [
      'fastify',
      '@fastify/swagger',
      '@fastify/swagger-ui',
      '@fastify/type-provider-typebox',
      '@sinclair/typebox',
      'canonicalize',
      'pino',
    ],
    node: true,
  },
  { place: /^kernel\/metrics\.ts/, own: /^$/, libraries: ['prom-client'], node: true },
  {
    place: /^kernel\/[^/]+\.ts$/,
    own: /^(contracts|kernel)\//,
    libraries: ['@sinclair/typebox', 'pino', 'uuid'],
    node: true,
  },
  { place: /^kernel\/writer\//, own: /^(contracts|kernel)\/(?!http|bus)/, libraries: ['uuid'], node: true },
  {
    place: /^modules\/sdk\//,
    own: /^(contracts|modules\/sdk)\//,
    libraries: ['@sinclair/typebox', '@nats-io/transport-node', '@nats-io/jetstream', 'pino'],
    node: true,
  },
  { place: /^cli\/workshop\/ranges\.ts/, own: /^$/, libraries: ['semver'], node: false },
  {
    // The kernel's part of wishes is the same for whoever rehearses a module and for whoever plays the kernel to it.
    place: /^cli\/conform\//,
    own: /^(contracts|cli)\/|^modules\/sdk\/testing\/(call-api|keep-jobs|keep-kv)\.ts/,
    libraries: ['@nats-io/transport-node', '@nats-io/jetstream'],
    node: true,
  },
  { place: /^cli\/installed\/(tarball|pack)\.ts/, own: /^cli\/bad-use\.ts/, libraries: ['tar'], node: true },
  { place: /^cli\//, own: /^(contracts|cli)\//, libraries: ['commander', 'yaml'], node: true },
]

/** The rules of the domain and what they stand on: contracts and the kernel's own ports; no server, no bus, no driver. */
function rules(places: string, libraries: string[], node = false) {
  return {
    place: new RegExp(`^kernel/(${places})/`),
    own: /^(contracts\/|kernel\/(errors\.ts|centre\/|sales\/|cash\/|matter\/|hooks\/|ledger\/|registry\/|store\/(port|table|inspection)\.ts|bus\/port\.ts))/,
    libraries,
    node,
  }
}

const WORKSPACES: Record<string, string> = {
  '@recyclique/contracts': 'contracts/index.ts',
  '@recyclique/sdk': 'modules/sdk/index.ts',
}

const files = globSync(['contracts/**/*.ts', 'kernel/**/*.ts', 'modules/**/*.ts', 'cli/**/*.ts'], {
  exclude: (name) => name.includes('node_modules'),
}).filter((file) => !/\/(test|node_modules)\//.test(file))

test('every file of the project stands in a row of the import table', () => {
  expect(files.length).toBeGreaterThan(50)
  expect(files.filter((file) => !rowOf(file))).toEqual([])
})

test('every import is one that the table allows', () => {
  const wrong = files.flatMap((file) =>
    importsOf(file)
      .map((name) => verdict(file, name))
      .filter((one) => one !== undefined),
  )
  expect(wrong).toEqual([])
})

test('a wrong import would be found', () => {
  expect(verdict('kernel/sales/record-sale.ts', 'fastify')).toMatch(/may not import fastify/)
  expect(verdict('kernel/sales/record-sale.ts', 'node:fs')).toMatch(/may not import node:fs/)
  expect(verdict('modules/live-figures/module.ts', '../../kernel/errors.ts')).toMatch(/may not import kernel/)
  expect(verdict('modules/a/main.ts', '../b/main.ts')).toMatch(/may not import modules\/b/)
})

test('the rules of the domain look at no clock and roll no dice: time and ids come in as arguments', () => {
  const pure = files.filter((file) => /^kernel\/(centre|sales|cash|matter)\//.test(file))
  const impure = pure.filter((file) =>
    /Date\.now\(|new Date\(\)|Math\.random|randomUUID/.test(readFileSync(file, 'utf8')),
  )
  expect(impure).toEqual([])
})

test('only contracts/subjects.ts spells a subject', () => {
  const spelling = files.filter(
    (file) => file !== 'contracts/subjects.ts' && /[`'"]rq\.[$<a-z]/.test(readFileSync(file, 'utf8')),
  )
  expect(spelling).toEqual([])
})

function rowOf(file: string) {
  const row = TABLE.find(({ place }) => place.test(file))
  if (row) return row
  const module = /^modules\/([^/]+)\//.exec(file)?.[1]
  // A module may import what its own package.json names, and nothing of the kernel or of another module.
  return (
    module && {
      own: new RegExp(`^(contracts|modules/(sdk|${module}))/`),
      libraries: dependenciesOf(module),
      node: true,
    }
  )
}

function dependenciesOf(module: string): string[] {
  try {
    const { dependencies = {} } = JSON.parse(readFileSync(`modules/${module}/package.json`, 'utf8')) as {
      dependencies?: Record<string, string>
    }
    return Object.keys(dependencies)
  } catch {
    return []
  }
}

function verdict(file: string, name: string): string | undefined {
  const row = rowOf(file)
  if (!row) return `${file} stands in no row`
  if (name.startsWith('node:')) return row.node ? undefined : `${file} may not import ${name}`
  const own = name.startsWith('.') ? normalize(join(dirname(file), name)) : WORKSPACES[name]
  if (own) return row.own.test(own) ? undefined : `${file} may not import ${own}`
  const library = name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/')
  return row.libraries.includes(library) ? undefined : `${file} may not import ${library}`
}

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8')
  return [...text.matchAll(/^(?:import|export)\b[^'"`;]*?from '([^']+)'|^import '([^']+)'|import\('([^']+)'\)/gm)].map(
    ([, from, bare, dynamic]) => from ?? bare ?? dynamic ?? '',
  )
}
