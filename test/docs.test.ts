import { globSync, readFileSync } from 'node:fs'
import { FACTS } from '@recyclique/contracts'
import { expect, test } from 'vitest'
import { factsPage } from '../docs/facts-page.ts'
import { modulesPage } from '../docs/modules-page.ts'
import { configSchemaPage } from '../docs/schema-page.ts'
import { ERRORS } from '../kernel/errors.ts'

test('docs/facts.md says what the contracts say (npm run docs writes it)', () => {
  expect(readFileSync('docs/facts.md', 'utf8')).toBe(factsPage())
})

test('docs/modules.md says what the manifests of modules/ say (npm run docs writes it)', () => {
  expect(readFileSync('docs/modules.md', 'utf8')).toBe(modulesPage())
})

test('docs/recyclique.schema.json says what the contracts say of recyclique.yaml (npm run docs writes it)', () => {
  expect(readFileSync('docs/recyclique.schema.json', 'utf8')).toBe(configSchemaPage())
})

test('every file in contracts/events is a fact of the list, named after its file', () => {
  const files = globSync('contracts/events/*.ts').map((file) => file.replace(/^.*\/|\.ts$/g, ''))
  expect(FACTS.map(({ name }) => name.replaceAll('.', '-')).sort()).toEqual(files.sort())
})

test('every producer that a fact names is there and names the fact', () => {
  for (const { name, producer } of FACTS) {
    const constant = name.replaceAll(/(?:^|[.-])(\w)/g, (_, letter: string) => letter.toUpperCase())
    expect(readFileSync(producer, 'utf8'), `${producer} does not produce ${name}`).toContain(constant)
  }
})

test('docs/errors.md has one paragraph for each problem, and none for another', () => {
  const headings = [...readFileSync('docs/errors.md', 'utf8').matchAll(/^### `([a-z-]+)` · (\d{3})$/gm)]
  const written = headings.map(([, code, status]) => `${code} ${status}`)
  expect(written.sort()).toEqual(
    Object.entries(ERRORS)
      .map(([code, { status }]) => `${code} ${status}`)
      .sort(),
  )
})

test('every problem is used somewhere in the kernel', () => {
  const kernel = globSync('kernel/**/*.ts', { exclude: (name) => name.includes('node_modules') })
    .filter((file) => file !== 'kernel/errors.ts')
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n')
  expect(Object.keys(ERRORS).filter((code) => !kernel.includes(`'${code}'`))).toEqual([])
})
