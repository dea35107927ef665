import { writeFileSync } from 'node:fs'
import { factsPage } from './facts-page.ts'

/** Writes the pages of docs/ that follow from the code: `npm run docs`. A test fails while one of them is stale. */
writeFileSync(new URL('./facts.md', import.meta.url), factsPage())
