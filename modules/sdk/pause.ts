import { setTimeout as sleep } from 'node:timers/promises'

/** Waits, or less when the signal aborts. Never rejects. */
export const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  sleep(ms, undefined, { signal }).catch(() => {})

/** Resolves with the value, or with undefined as soon as the signal aborts; the promise itself goes on. */
export const unlessAborted = async <T>(promise: Promise<T>, signal: AbortSignal): Promise<T | undefined> => {
  if (signal.aborted) return void promise.catch(() => {})
  const { promise: aborted, resolve } = Promise.withResolvers<undefined>()
  const give = () => resolve(undefined)
  signal.addEventListener('abort', give, { once: true })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', give)
  }
}

/** True when the promise settled in time, however it settled. */
export const isSettledWithin = async (ms: number, promise: Promise<unknown>): Promise<boolean> => {
  const late = new AbortController()
  const settled = promise.then(
    () => true,
    () => true,
  )
  try {
    return await Promise.race([settled, sleep(ms, false, { signal: late.signal })])
  } finally {
    late.abort()
  }
}

/** Waits that grow from one failure to the next, each up to a third longer by chance, so that many do not come back at once. */
export const growingWaits = (stepsMs: readonly number[]) => {
  let at = 0
  return {
    nextMs(): number {
      const step = stepsMs[Math.min(at, stepsMs.length - 1)] ?? 0
      at += 1
      return step * (1 + Math.random() / 3)
    },
    reset() {
      at = 0
    },
  }
}
