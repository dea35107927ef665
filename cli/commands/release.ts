import type { Command } from 'commander'
import { CannotDo } from '../bad-use.ts'
import { historyIn, type Quarantine, quarantinesIn, quarantineWords, recordTo } from '../up/crashes.ts'
import { holderOf } from '../up/lock.ts'
import { dataFolder } from '../up/options.ts'
import { askRelease } from '../up/release.ts'
import { runFiles } from '../up/run-file.ts'

type Flags = { data?: string }

/** `recyclique modules release`: the way out of quarantine. */
export const releaseCommand = (modules: Command): void => {
  modules
    .command('release <name>')
    .description('start a module again that is in quarantine, once what made it crash is mended')
    .option('--data <folder>', 'the data folder (RECYCLIQUE_DATA; ./data)')
    .action(async (name: string, { data }: Flags) => {
      const folder = dataFolder(data, process.env)
      const files = runFiles(folder)
      checkQuarantine(name, quarantinesIn(historyIn(files.crashes)))
      if ((await holderOf(files.lock)) === undefined) {
        recordTo(files.crashes)({ name, at: new Date().toISOString(), lifted: 'released' })
        return console.log(`${name} is released: the next \`npm start\` starts it.`)
      }
      if (!(await askRelease(files.release, name)))
        throw new CannotDo(`nobody hears in ${folder}: stop Recyclique there and start it again`)
      console.log(`${name} is released and started again: \`npx recyclique modules list\` shows whether it stays.`)
    })
}

/** Lines on those who are in quarantine on a data folder. */
export const quarantineLines = (data: string): string[] =>
  quarantinesIn(historyIn(runFiles(data).crashes)).map((one) => `${one.name} is ${quarantineWords(one)}`)

const checkQuarantine = (name: string, all: readonly Quarantine[]): void => {
  if (all.some((one) => one.name === name)) return
  const names = all.map((one) => one.name).join(', ')
  throw new CannotDo(`${name} is not in quarantine${names === '' ? ', and nobody is' : `; in quarantine: ${names}`}`)
}
