/** Lets one piece of work at a time through, in the order in which they came. */
export type Turns = <T>(work: () => Promise<T>) => Promise<T>

export const makeTurns = (): Turns => {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const one = last.then(work)
    last = one.catch(() => {})
    return one
  }
}

/** For a module whose manifest says `order: none`. */
export const noTurns: Turns = (work) => work()
