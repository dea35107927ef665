import {
  type ArgsOf,
  Failure,
  type GivenBy,
  type Health,
  type HookSpec,
  type Outcome,
  type ResultOf,
} from '@recyclique/contracts'
import type { Logger } from 'pino'
import type { Tell } from './tell.ts'

/** What a handler of a question gets besides its arguments. */
export interface Asking {
  readonly callId: string
  /** The call from inside which this one was made. */
  readonly parentId: string | undefined
  /** 0 for a question that stands in no other. */
  readonly depth: number
  /** After this nobody waits. Milliseconds since 1970. */
  readonly deadline: number
  /** W3C trace context, where there is one. */
  readonly trace: string | undefined
  /** Asks another hook from inside this question: it takes of the same time, and nobody is asked in a circle. The manifest lists it under `asks`. */
  ask<H extends HookSpec>(spec: H, args: ArgsOf<H>): Promise<ResultOf<H>>
  /** Tells a fact of this module's own, within the time that this question has. */
  readonly tell: Tell
  readonly log: Logger
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal
}

/** Answers a question with what its hook wants; null or undefined: no answer. What it throws is the module's error, `code` kept. */
export type AnswerHandler<H extends HookSpec> = (
  args: ArgsOf<H>,
  asking: Asking,
) => GivenBy<H> | null | undefined | Promise<GivenBy<H> | null | undefined>

/**
 * Stands around the rest of a call. Proceeds exactly once; what it returns, even null, is the new result, and what it throws is
 * the new error. An error of the inside that it lets pass stays the same error.
 */
export type WrapHandler<H extends HookSpec> = (
  args: ArgsOf<H>,
  proceed: () => Promise<ResultOf<H>>,
  asking: Asking,
) => Promise<ResultOf<H>>

/** The same with an outcome in place of result and throw: what it returns does not count, it forces. */
export type OutcomeHandler<H extends HookSpec> = (
  args: ArgsOf<H>,
  proceed: () => Promise<Outcome>,
  asking: Asking,
) => unknown

/** Says how the process is. Asked every few seconds; what it throws is "not well". */
export type HealthHandler = () => Health | Promise<Health>

/** One handler of a question, as it is run. */
export interface Answered {
  readonly spec: HookSpec
  readonly handler: string
  readonly isWrapper: boolean
  /** Of the arguments that the manifest lists. */
  readonly argsSchema: HookSpec['args']
  readonly run: (args: never, proceed: () => Promise<unknown>, asking: Asking) => unknown
}

/** An error with a kind: `denied` for what a rule of the module forbids, `invalid` for arguments it cannot use. */
export class HookFailure extends Failure {
  constructor(...what: ConstructorParameters<typeof Failure>) {
    super(...what)
    this.name = 'HookFailure'
  }
}
