import type { Static, TSchema } from '@sinclair/typebox'
import { opened } from './opened.ts'
import type { Mode } from './text.ts'

/**
 * What one kind of fact promises: its name in the past tense, its data, and the journal in which it is numbered.
 *
 * `version` rises when the data change their shape; `upcast` then turns each older form into the next one, so that a ledger
 * written years ago is still read by today's rules.
 */
export interface FactSpec<S extends TSchema = TSchema> {
  readonly name: string
  readonly version: number
  /** The place in the kernel that decides it, for `docs/facts.md`. */
  readonly producer: string
  /** A pattern of the journal's name for `docs/facts.md`, such as `register-<registerId>`. */
  readonly journalForm: string
  /** The journal's name without the training prefix, from the data. */
  journal(data: Static<S>): string
  readonly data: S
  /** `upcast[n]` turns data of version n into data of version n + 1. */
  readonly upcast: Readonly<Record<number, (old: unknown) => unknown>>
}

export type DataOf<F extends FactSpec> = Static<F['data']>

/**
 * Declares a fact. Nothing happens at declaration: the value is what sender, receiver and documents all read. Its data are open, also where they
 * are a record that the API takes closed: a program of yesterday hears the facts of tomorrow, with fields that it does not know.
 */
export const fact = <S extends TSchema>(
  spec: Omit<FactSpec<S>, 'upcast'> & { readonly upcast?: FactSpec<S>['upcast'] },
): FactSpec<S> => ({ upcast: {}, ...spec, data: opened(spec.data) })

/** A fact as it is kept and told: the ledger's row with its data read. `seq` counts inside `journal`, `position` over all. */
export interface KeptFact<D = unknown> {
  readonly position: number
  readonly id: string
  readonly journal: string
  readonly seq: number
  readonly mode: Mode
  readonly name: string
  readonly version: number
  readonly site: string
  /** When the kernel kept it: ISO 8601, UTC, milliseconds; never goes back from one position to the next. */
  readonly recordedAt: string
  /** The day it belongs to in statistics, in the site's time zone; in the past for paper that is entered late. */
  readonly businessDate: string
  readonly actor: string
  readonly data: D
  readonly hash: string
}

/** Training has journals of its own, so that live numbers have no gaps. */
export const journalName = (mode: Mode, journal: string): string =>
  mode === 'training' ? `training-${journal}` : journal

/** Brings data of an older version to the spec's version. Throws a `RangeError` when the data are from the future. */
export const upcast = <S extends TSchema>(spec: FactSpec<S>, version: number, data: unknown): Static<S> => {
  if (version > spec.version)
    throw new RangeError(`${spec.name} version ${version} is newer than this program (${spec.version}): upgrade first`)
  let value = data
  for (let from = version; from < spec.version; from += 1) {
    const step = spec.upcast[from]
    if (!step) throw new RangeError(`${spec.name} has no way from version ${from} to ${from + 1}`)
    value = step(value)
  }
  return value as Static<S>
}
