import type { Stage } from './stage.ts'

/**
 * One thing that a module owes, as a test of it. To add one: write it into a file of `cases/`, and name it in `cases/all.ts`.
 *
 * `applies` says why a module with such a manifest does not owe it, and undefined where it does. `play` returns (with a remark
 * that is shown, or nothing) when the module did right, and throws a `Fault` when it did not; what else it throws is a mistake of ours.
 */
export interface Case {
  /** Chosen with `--only`, and the same for ever. */
  readonly name: string
  /** What the module does, as a sentence: `it announces itself`. */
  readonly words: string
  readonly applies?: (stage: Stage) => string | undefined
  readonly play: (stage: Stage) => Promise<string | undefined>
}

/** The module did not do what it owes: what was seen, and what its author should do. */
export class Fault extends Error {
  readonly todo: string
  constructor(seen: string, todo: string) {
    super(seen)
    this.todo = todo
  }
}

/** It turns out only while it is played that a module does not owe this. */
export class NotOwed extends Error {}
