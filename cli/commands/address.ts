import type { Command } from 'commander'
import { dataFolder } from '../up/options.ts'
import { addressOf } from '../up/run-file.ts'

export type AddressFlags = { url?: string; data?: string }

/** The options of a command that speaks to a kernel which runs already. */
export const withAddress = (command: Command): Command =>
  command
    .option('--url <address>', 'of the kernel (RECYCLIQUE_URL; what runs on the data folder)')
    .option('--data <folder>', 'the data folder (RECYCLIQUE_DATA; ./data)')

/** Where the kernel is: as it was said, else what runs on the data folder, else the usual place. */
export const addressFor = async (flags: AddressFlags): Promise<string> =>
  (await addressIfAny(flags)) ?? 'http://127.0.0.1:8010'

/** The same, or undefined where nobody says where it is and nothing runs here. */
export const addressIfAny = async ({ url, data }: AddressFlags): Promise<string | undefined> =>
  url ?? (process.env.RECYCLIQUE_URL || undefined) ?? (await addressOf(dataFolder(data, process.env)))
