import type { ErrorCode, Refusal } from '../errors.ts'
import type { Kept } from '../ledger/ledger.ts'
import type { Command } from '../ledger/rule.ts'
import type { RuleName } from '../rules.ts'

/** Where the writer's thread finds its files. */
export interface WriterSettings {
  readonly site: string
  readonly ledgerFile: string
  readonly keysDir: string
}

/** Kernel → writer: what arrived in one turn, in order; or the end. */
export type ToWriter = { readonly acts: readonly Act[] } | { readonly close: true }

export interface Act {
  readonly nr: number
  readonly rule: RuleName
  readonly command: Command
}

/** Writer → kernel: ready (or why not), what became of some acts and how far the ledger has come, the disk is lost, closed. */
export type FromWriter =
  | { readonly ready: Head }
  | { readonly failed: { readonly name: string; readonly message: string } }
  | { readonly outcomes: readonly Outcome[]; readonly head: Head }
  | { readonly lost: string }
  | { readonly closed: true }

export interface Head {
  readonly position: number
  readonly hash: string
}

export type Outcome = { readonly nr: number } & (
  | { readonly kept: Kept }
  | { readonly refused: RefusedAs }
  | { readonly broke: { readonly message: string; readonly stack: string | undefined } }
)

/** A refusal without its prototype, which does not survive the way between threads. */
export interface RefusedAs {
  readonly code: ErrorCode
  readonly details: Refusal['details']
  readonly field: string | undefined
  readonly errors: Refusal['errors']
}
