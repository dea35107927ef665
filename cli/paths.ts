import { join } from 'node:path'

/** The folder that holds the program: contracts, kernel, modules, cli. */
export const ROOT = join(import.meta.dirname, '..')
