import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { documents } from './documents.ts'
import { factsPage } from './facts-page.ts'
import { modulesPage } from './modules-page.ts'
import { configSchemaPage } from './schema-page.ts'

/** Writes the pages of docs/ that follow from the code: `npm run docs`. A test fails while one of them is stale. */
writeFileSync(new URL('./facts.md', import.meta.url), factsPage())
writeFileSync(new URL('./modules.md', import.meta.url), modulesPage())
writeFileSync(new URL('./recyclique.schema.json', import.meta.url), configSchemaPage())

const schemas = new URL('./schemas/', import.meta.url)
const written = await documents()
rmSync(schemas, { recursive: true, force: true })
mkdirSync(schemas)
for (const [file, text] of Object.entries(written)) writeFileSync(new URL(file, schemas), text)
