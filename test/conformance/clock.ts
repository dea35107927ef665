import type { Clock } from '../../kernel/hooks/clock.ts'

interface HandClock {
  readonly from?: number
  /** Waits until nobody does anything more at this moment of the clock. */
  readonly idle?: () => Promise<void>
}

/** A clock that stands still until it is turned. Everybody rings in the order of their time. */
export const handClock = ({ from = Date.UTC(2026, 0, 5, 9), idle = oneTurn }: HandClock = {}) => {
  let now = from
  const bells = new Set<{ at: number; ring: () => void }>()
  const clock: Clock = {
    now: () => now,
    after(ms, ring) {
      const bell = { at: now + Math.max(0, ms), ring }
      bells.add(bell)
      return () => void bells.delete(bell)
    },
  }
  const nextUpTo = (end: number) =>
    [...bells].filter(({ at }) => at <= end).reduce<{ at: number; ring: () => void } | undefined>(earlier, undefined)
  return {
    ...clock,
    sleep: (ms: number) => new Promise<void>((resolve) => clock.after(ms, resolve)),
    /** Turns it, and lets everybody do what they do when it rings. */
    async pass(ms: number) {
      const end = now + ms
      await idle()
      for (let bell = nextUpTo(end); bell; bell = nextUpTo(end)) {
        now = bell.at
        bells.delete(bell)
        bell.ring()
        await idle()
      }
      now = end
    },
    waiting: () => bells.size,
  }
}

const earlier = <T extends { at: number }>(first: T | undefined, one: T): T =>
  first && first.at <= one.at ? first : one

const oneTurn = () => new Promise<void>((resolve) => setImmediate(resolve))
