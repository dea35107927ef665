import { isDeepStrictEqual } from 'node:util'
import type { Detailed } from '../hooks/details.ts'

/** An answer and who gave it; `undefined` for one that a wrapper put in. */
export interface Told<A> {
  readonly answer: A
  readonly module: string | undefined
}

/** What a collecting hook brought. `result` is what the wrappers left of `answers`. */
interface Collected<A> {
  readonly result: readonly A[]
  readonly answers: Detailed['answers']
}

/** Each answer of a collecting hook with the module that gave it, in the result's order. Of two that say the same each is named once. */
export const withModule = <A>({ result, answers }: Collected<A>): Told<A>[] => {
  const left = [...answers]
  return result.map((answer) => {
    const nth = left.findIndex(({ value }) => value === answer || isDeepStrictEqual(value, answer))
    return { answer, module: nth < 0 ? undefined : left.splice(nth, 1)[0]?.module }
  })
}
