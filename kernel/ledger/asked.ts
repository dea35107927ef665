import type { Skipped } from '@recyclique/contracts'
import canonicalize from 'canonicalize'
import { refuse } from '../errors.ts'
import type { Command, Decision } from './rule.ts'

/**
 * What modules were asked about a command before it came to the ledger, as plain data that travels between threads: the question
 * as they saw it, and who of them was silent. A command that nobody had to be asked about has none.
 */
export interface Asked {
  /** Canonical JSON, so that two questions can be compared; empty where nobody was asked. */
  readonly question: string
  readonly skipped: Skipped
}

/** A customer waits: whatever modules do, the till goes on after this. Milliseconds. */
export const TILL_BUDGET_MS = 200

/** The question that follows from a decision, in the form in which it is compared. */
export const questionText = ({ question }: Decision): string => canonicalize(question) ?? ''

/**
 * Between asking and keeping the state may have moved: a category renamed, a part of the sale refunded. Refuses when modules agreed
 * to something else than what would be kept now.
 */
export const refuseUnseen = ({ asked }: Command, decision: Decision): void => {
  if (asked && asked.question !== questionText(decision)) refuse('changed-meanwhile')
}

/** For the data of a fact: who was silent, or nothing. */
export const skippedIn = ({ asked }: Command): { skipped?: Skipped } =>
  asked && asked.skipped.length > 0 ? { skipped: asked.skipped } : {}
