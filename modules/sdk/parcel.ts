/** How long a part waits for more to go with it. A page that shows what happens is not held up; rows of a table travel together. */
const LINGER_MS = 20

/** The source said nothing for a while. */
export const NOTHING_YET = Symbol('nothing yet')

/** Cuts what comes as it comes into parts that the bus carries well: small pieces are put together, large ones cut. */
export interface Parcels {
  /** The next part; `undefined` at the end, `NOTHING_YET` where none came within `patienceMs`. One at a time. */
  next(patienceMs: number): Promise<Buffer | typeof NOTHING_YET | undefined>
  /** Nobody wants the rest. */
  stop(): void
}

export type Pieces = AsyncIterable<Uint8Array | string>

export const parcel = (pieces: Pieces, mostBytes: number): Parcels => {
  const iterator = pieces[Symbol.asyncIterator]()
  let coming: Promise<IteratorResult<Uint8Array | string>> | undefined
  let rest: Buffer = Buffer.alloc(0)
  let isOver = false

  const within = async (ms: number) => {
    coming ??= iterator.next()
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<typeof NOTHING_YET>((resolve) => {
      timer = setTimeout(resolve, ms, NOTHING_YET)
    })
    try {
      const found = await Promise.race([coming, late])
      if (found !== NOTHING_YET) coming = undefined
      return found
    } finally {
      clearTimeout(timer)
    }
  }

  return {
    async next(patienceMs) {
      const gathered = rest.length > 0 ? [rest] : []
      let bytes = rest.length
      let until = performance.now() + (bytes > 0 ? LINGER_MS : patienceMs)
      while (bytes < mostBytes && !isOver) {
        const found = await within(Math.max(0, until - performance.now()))
        if (found === NOTHING_YET) break
        isOver = found.done === true
        if (found.done) break
        if (bytes === 0) until = performance.now() + LINGER_MS
        const piece = typeof found.value === 'string' ? Buffer.from(found.value) : Buffer.from(found.value)
        gathered.push(piece)
        bytes += piece.length
      }
      const whole = gathered.length === 1 ? (gathered[0] as Buffer) : Buffer.concat(gathered)
      rest = whole.subarray(mostBytes)
      if (bytes > 0) return whole.subarray(0, mostBytes)
      return isOver ? undefined : NOTHING_YET
    },
    stop() {
      isOver = true
      rest = Buffer.alloc(0)
      void Promise.resolve(iterator.return?.()).catch(() => {})
    },
  }
}

/** A whole thing as pieces: shared with its owner, never copied as a whole. */
export async function* piecesOf(whole: Uint8Array, mostBytes: number): AsyncGenerator<Uint8Array, void> {
  for (let at = 0; at < whole.length; at += mostBytes) yield whole.subarray(at, at + mostBytes)
}
