import type { Clock } from './hooks/clock.ts'

/** How late a bell may ring, milliseconds. It never rings early. */
const TICK_MS = 5

/**
 * The clock of questions under way: thousands of deadlines, nearly all of them taken back before they come. A timer of the runtime
 * each would cost more than the questions; here setting and taking back one is an entry in a set, and one timer runs while
 * any is set.
 */
export const openDeadlineWheel = (now: () => number = Date.now): Clock & { close(): void } => {
  const slots = new Map<number, Set<() => void>>()
  let done = 0
  let timer: NodeJS.Timeout | undefined

  /** Answers that have arrived are read before anybody is told that none came: the process may have been too busy to look. */
  const turn = () => setImmediate(ringDue)
  const ringDue = () => {
    const current = Math.floor(now() / TICK_MS)
    // A clock that was set forward far has no more slots to look at than there are.
    const due =
      current - done > slots.size ? [...slots.keys()].filter((slot) => slot <= current) : range(done + 1, current)
    done = current
    for (const slot of due.sort((a, b) => a - b)) ring(slot)
    if (slots.size === 0) stop()
  }
  const ring = (slot: number) => {
    const bells = slots.get(slot)
    slots.delete(slot)
    for (const bell of bells ?? []) bell()
  }
  const stop = () => {
    clearInterval(timer)
    timer = undefined
  }
  const start = () => {
    done = Math.floor(now() / TICK_MS)
    timer = setInterval(turn, TICK_MS)
  }

  return {
    now,
    after(ms, bell) {
      if (timer === undefined) start()
      const slot = Math.max(done + 1, Math.ceil((now() + ms) / TICK_MS))
      const own = () => bell()
      let bells = slots.get(slot)
      if (!bells) {
        bells = new Set()
        slots.set(slot, bells)
      }
      bells.add(own)
      return () => {
        bells.delete(own)
        if (bells.size === 0 && slots.get(slot) === bells) slots.delete(slot)
      }
    },
    close: stop,
  }
}

const range = (from: number, to: number): number[] => {
  const numbers: number[] = []
  for (let at = from; at <= to; at += 1) numbers.push(at)
  return numbers
}
