import { resolve } from 'node:path'
import type { Command } from 'commander'
import { signSource } from '../installed/sign.ts'
import { makeSigningKey } from '../installed/signing-key.ts'

/** `recyclique modules signing-key|sign`: for whoever gives modules to others, and answers for them. */
export const signCommands = (modules: Command): void => {
  modules
    .command('signing-key <file>')
    .description('make a key that signs modules, and print what others need to trust it')
    .action(async (file: string) => {
      const key = await makeSigningKey(file)
      console.log(
        [
          `${resolve(file)} is your key: whoever has it signs in your name. Keep it away from others, and a copy of it.`,
          'Whoever trusts you writes into recyclique.yaml:',
          '',
          'signatures:',
          `  keys: [{ name: your name, key: "${key}" }]`,
        ].join('\n'),
      )
    })

  modules
    .command('sign <source>')
    .description('sign a module: a folder, where a file is added, or an archive (.tgz), which is packed anew')
    .requiredOption('--key <file>', 'your key (modules signing-key makes one)')
    .action(async (source: string, { key }: { key: string }) => {
      const signed = await signSource(source, key)
      console.log(`${signed.title} in ${source} is signed by ${signed.key}. Whatever is changed in it now is found.`)
    })
}
