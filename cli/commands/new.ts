import { relative } from 'node:path'
import type { Command } from 'commander'
import { programVersion } from '../version.ts'

type Flags = { lang: string; outputDir: string }

/** `recyclique new KIND NAME`: a module's folder that passes the checks, has a test, and starts. */
export const newCommand = (program: Command): void => {
  program
    .command('new')
    .argument('<kind>', 'module (hears facts, answers questions), ui (a page) or api')
    .argument('<name>', '1 to 24 of a-z, 0-9 and -, as in shelf-labels')
    .description('write a new module that runs, with a test')
    .option('--lang <language>', 'ts, python or go', 'ts')
    .option('--output-dir <folder>', 'where its folder is made', 'modules')
    .action(async (kind: string, name: string, { lang, outputDir }: Flags) => {
      const { newModule } = await import('../workshop/new-module.ts')
      const { LANGUAGES, testCommandOf } = await import('../workshop/new-module-files.ts')
      const folder = await newModule({ name, kind, language: lang, into: outputDir, kernel: programVersion() })
      const shown = relative('', folder) || folder
      const test = testCommandOf(LANGUAGES.find((one) => one === lang) ?? 'ts')
      const next = [
        [`(cd ${shown} && ${test})`, 'runs its test, without a kernel'],
        [`npx recyclique dev ${shown}`, 'runs it, and starts it anew at each change'],
      ]
      const width = Math.max(...next.map(([command = '']) => command.length))
      console.log(`${shown} is there; its README.md says what it does.\n`)
      for (const [command = '', words] of next) console.log(`  ${command.padEnd(width)}   ${words}`)
    })
}
