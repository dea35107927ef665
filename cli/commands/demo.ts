import type { Command } from 'commander'
import { type AddressFlags, addressFor, withAddress } from './address.ts'

/** `recyclique demo`: a made-up centre with a few days of history, into an empty one that runs. */
export const demoCommand = (program: Command): void => {
  withAddress(program.command('demo'))
    .description('fill an empty centre that runs with the demo; a load that was cut off goes on')
    .action(async (flags: AddressFlags) => {
      const { loadDemo } = await import('../demo/load-demo.ts')
      await loadDemo(await addressFor(flags), (line) => console.log(line))
    })
}
