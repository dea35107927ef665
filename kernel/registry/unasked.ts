import type { Hooks } from '../hooks/hooks.ts'
import type { Family } from './party.ts'

/** An answer to a question that nobody declares: the module works, and is never asked it. */
export interface Unasked {
  readonly module: string
  readonly hook: string
}

/** All of them, of modules at work. Whoever says `isOptional` knows it, and is left out. */
export const unaskedIn = (hooks: Pick<Hooks, 'book'>, families: Iterable<Family>): Unasked[] => {
  const pending = hooks.book.pending()
  return [...families].flatMap(({ name, parties }) =>
    parties
      .filter(({ place }) => place === 'in')
      .flatMap(({ title }) => pending.filter(({ module }) => module === title))
      .map(({ hook }) => ({ module: name, hook })),
  )
}

/** For the module's author, or whoever has yet to add the one that brings the question. */
export const wordsOnUnasked = ({ hook }: Unasked): string =>
  `It answers '${hook}', a question that nobody declares here, and is never asked it: look at the name, or add the module that brings it; "isOptional": true in the manifest says that it may be so.`
