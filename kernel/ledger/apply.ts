import { type DataOf, type FactSpec, isModuleJournal, type KeptFact } from '@recyclique/contracts'
import type { Change } from '../store/table.ts'

/** What a fact changes in the state tables: pure, so that a replay gives the same tables. */
export type Applier = (fact: KeptFact) => readonly Change[]

/** Joins a fact to what it changes. */
export const on = <F extends FactSpec>(
  spec: F,
  apply: (fact: KeptFact<DataOf<F>>) => readonly Change[],
): { spec: FactSpec; apply: Applier } => ({ spec, apply: apply as Applier })

/** All facts that the kernel knows and what each changes. A fact without an entry changes nothing but the chain; nor does one that a module told. */
export interface Projection {
  readonly specs: ReadonlyMap<string, FactSpec>
  apply(fact: KeptFact): readonly Change[]
}

export const projectionOf = (entries: readonly { spec: FactSpec; apply: Applier }[]): Projection => {
  const appliers = new Map(entries.map(({ spec, apply }) => [spec.name, apply]))
  return {
    specs: new Map(entries.map(({ spec }) => [spec.name, spec])),
    apply: (fact) => (isModuleJournal(fact.journal) ? [] : (appliers.get(fact.name)?.(fact) ?? [])),
  }
}
