import type { Health, HookDocument, Manifest } from '@recyclique/contracts'

/** What a handler does each time that it is asked. */
export type Play =
  | { readonly does: 'answer'; readonly value: unknown; readonly afterMs?: number }
  /** Answers with its version and its process. */
  | { readonly does: 'sign'; readonly afterMs?: number }
  /** Never answers. */
  | { readonly does: 'hang' }
  /** A wrapper that changes nothing. */
  | { readonly does: 'pass' }
  /** Asks this hook from inside, and answers with what that gave, or with the error's kind and code. */
  | { readonly does: 'ask'; readonly hook: string; readonly args: object }
  /** The same, but the error is its own. */
  | { readonly does: 'rely'; readonly hook: string; readonly args: object }

/** One process of a module: what it is and does. Sent to it as JSON. */
export interface Part {
  readonly manifest: Manifest
  readonly instance: string
  /** By handler. */
  readonly plays: Readonly<Record<string, Play>>
  /** Hooks of other modules that it answers or asks. */
  readonly knows?: readonly HookDocument[]
  readonly health?: Health
}

/** What a process is told on its standard input, a line each: from now on it does this instead, or is so. */
export interface Cue {
  readonly handler?: string
  readonly play?: Play
  readonly health?: Health
}

/** What a process says that it did, a line each: the beginning of an answer, and a wrapper's way back. */
export interface Did {
  readonly did: 'began' | 'came back'
  readonly module: string
  readonly version: string
  readonly instance: string
  readonly handler: string
  readonly callId: string
  readonly args: Readonly<Record<string, unknown>>
  /** Of the error with which the inside came back to a wrapper. */
  readonly kind?: string
}

type Answers = NonNullable<Manifest['answers']>[number]

/** A module in a few words: the handlers by the names of their hooks, unless the answer says another. */
export const part = (
  name: string,
  plays: Readonly<Record<string, Play>>,
  { instance = `${name}-1`, knows = [], health, answers = {}, ...more }: Saying = {},
): Part => ({
  ...{ instance, plays, knows },
  ...(health ? { health } : {}),
  manifest: {
    ...{ name, version: '1.0.0', description: 'A module of a test.', kernel: '^0.1.0', protocol: { min: 1, max: 1 } },
    answers: Object.entries(plays).map(([hook, { does }]) => ({
      ...{ hook, ...(does === 'pass' ? { isWrapper: true } : {}) },
      ...answers[hook],
    })),
    ...more,
  },
})

type Saying = Omit<Partial<Manifest>, 'answers'> &
  Partial<Pick<Part, 'instance' | 'knows' | 'health'>> & {
    readonly answers?: Readonly<Record<string, Partial<Answers>>>
  }

/** Another process of the same module. */
export const replica = (one: Part, nth: number): Part => ({ ...one, instance: `${one.manifest.name}-${nth}` })

/** A hook of a module: any number goes in, anything comes out, all who are there are asked. */
export const hookOf = (name: string, more: Partial<HookDocument> = {}): HookDocument => ({
  ...{ name, version: 1, mode: 'collect', deadlineMs: 10_000 },
  args: { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] },
  answer: {},
  ...more,
})
