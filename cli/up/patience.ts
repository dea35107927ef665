/** One life that ended unasked: when it ended, and how long it had lasted. */
export type Crash = { atMs: number; livedMs: number }

/** What follows a crash: another try after a while, or none. */
export type Patience = { again: true; delayMs: number } | { again: false }

const FIRST_DELAY_MS = 50
const GROWTH = 6
const LONGEST_DELAY_MS = 30_000
/** Who lived that long was healthy: what was before is forgiven. */
const HEALTHY_MS = 60_000
export const MOST_CRASHES = 5
export const WINDOW_MS = 600_000

/**
 * How patient to be with somebody who crashed, the last crash last. The first new start follows at once, since most crashes are
 * single ones and the till waits; then ever later (0.05, 0.3, 1.8, 11 s). Five crashes in ten minutes are quarantine: it stays down
 * until a person has looked. `chance` (0 to 1) spreads the delays by a quarter, so that many do not come back in one instant.
 */
export const patienceAfter = (crashes: readonly Crash[], chance: number): Patience => {
  const last = crashes.at(-1)
  if (!last) return { again: true, delayMs: 0 }
  const recent = crashes.filter(({ atMs }) => last.atMs - atMs < WINDOW_MS)
  if (recent.length >= MOST_CRASHES) return { again: false }
  const inARow = crashes.length - crashes.findLastIndex(({ livedMs }) => livedMs >= HEALTHY_MS) - 1
  const delayMs = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * GROWTH ** Math.max(0, inARow - 1))
  return { again: true, delayMs: Math.round(delayMs * (0.75 + chance / 2)) }
}
