import { readFileSync } from 'node:fs'
import { FACTS } from '@recyclique/contracts'

/** `docs/facts.md`: every fact with its journal, its producer and the first sentences of its promise. */
export const factsPage = (): string => `# Facts

Made by \`npm run docs\` from \`contracts/events/\`; a test keeps it true. A fact is kept once, never changed, and told in the order of
its position. In training the journal bears the prefix \`training-\`. A fact's number (\`seq\`) counts inside its journal.

| fact | version | journal | decided in | what it promises |
| --- | --- | --- | --- | --- |
${[...FACTS]
  .sort((a, b) => (a.name < b.name ? -1 : 1))
  .map(({ name, version, journalForm, producer }) => {
    const file = `contracts/events/${name.replaceAll('.', '-')}.ts`
    return `| [\`${name}\`](../${file}) | ${version} | \`${journalForm}\` | [${producer}](../${producer}) | ${promiseIn(file)} |`
  })
  .join('\n')}

## Facts of modules

What a module tells begins with its name, stands in its manifest under \`tells\` with version and JSON Schema, and is kept in the journal
\`module-<module>\`, under the actor \`module.<module>\`. It is chained, sealed, verified and told like every other fact, and changes no table of the
kernel. How: [protocol.md](protocol.md#telling).
`

/** The first paragraph of the comment above the fact. */
const promiseIn = (file: string): string => {
  const text = readFileSync(new URL(`../${file}`, import.meta.url), 'utf8')
  const [, comment = ''] = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*export const \w+ = fact\(/.exec(text) ?? []
  const [first = ''] = comment
    .replaceAll(/^\s*\* ?/gm, '')
    .trim()
    .split(/\n\s*\n/)
  return first.replaceAll('\n', ' ').replaceAll('|', '\\|')
}
