import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { styleText } from 'node:util'
import type { StartableModule } from '../up/find-modules.ts'
import { commandsOf } from '../workshop/commands.ts'
import { abilitiesOf } from './growth.ts'

/** What a module's author wrote of it, else what its manifest says. */
export const readmeOf = async (module: StartableModule): Promise<string> => {
  const text = await readFile(join(module.folder, 'README.md'), 'utf8').catch(() => undefined)
  return text === undefined ? fromManifest(module) : withoutControls(text).trimEnd()
}

/** Headings stand out on a terminal; the rest is readable as it is. */
export const paint = (markdown: string, isColoured: boolean): string =>
  isColoured
    ? markdown.replace(/^#{1,6} .*$/gm, (line) => styleText('bold', line, { validateStream: false }))
    : markdown

/** A stranger's text must not steer a terminal. */
const withoutControls = (text: string): string =>
  [...text].filter((letter) => letter >= ' ' || letter === '\n' || letter === '\t').join('')

const fromManifest = (module: StartableModule): string => {
  const { name, manifest } = module
  const { version, description, author, license, requires = {} } = manifest
  const { commands } = commandsOf([module])
  const needs = Object.entries(requires).map(([other, range]) => `needs ${other} ${range}`)
  return [
    `# ${name} ${version}`,
    '',
    description,
    '',
    ...[...abilitiesOf(manifest), ...needs].map((line) => `- ${line}`),
    ...commands.map((one) => `- \`recyclique ${name} ${one.name}\`: ${one.description}`),
    ...(author || license ? ['', [author, license].filter(Boolean).join(', ')] : []),
  ].join('\n')
}
