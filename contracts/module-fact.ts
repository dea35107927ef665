import { type TSchema, Type } from '@sinclair/typebox'
import { type FactSpec, fact } from './fact.ts'

/** What a module says of a fact of its own: as a line of `tells` in its manifest, and in the code of whoever hears it. */
export interface ModuleFact<S extends TSchema> extends Partial<Pick<FactSpec<S>, 'upcast'>> {
  /** Begins with the module's name: `barcodes.label-printed`. */
  readonly name: string
  readonly version: number
  readonly data: S
}

/**
 * Declares a fact of a module, for a module that hears it. The kernel keeps it in the journal of the module that its name begins with,
 * and reads nothing in it.
 */
export const moduleFact = <S extends TSchema>({ name, ...rest }: ModuleFact<S>): FactSpec<S> => {
  const [module = ''] = name.split('.')
  const journal = journalOf(module)
  return fact({ name, ...rest, producer: `the module ${module}`, journalForm: journal, journal: () => journal })
}

/** The same as the ledger keeps it: the schema was checked before, and is the module's own affair. */
export const unreadModuleFact = (name: string, version: number): FactSpec =>
  moduleFact({ name, version, data: Type.Unknown() })

const PREFIX = 'module-'
const journalOf = (module: string) => `${PREFIX}${module}`

/** Is this the journal of a module, live or training? No journal of the kernel's own begins so. */
export const isModuleJournal = (journal: string): boolean => /^(training-)?module-/.test(journal)
