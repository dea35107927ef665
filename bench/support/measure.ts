export interface Measured {
  readonly perSecond: number
  readonly p50Us: number
  readonly p99Us: number
  /** What the asker's own process spends on a call: says more than its speed where the machine is busy. */
  readonly cpuUs: number
}

export type Ask = () => Promise<unknown>

/** So many askers, each of which asks again as soon as it has its answer, for so long. Rejects with the first error. */
export const measure = async (ask: Ask, concurrency: number, ms: number): Promise<Measured> => {
  const took: number[] = []
  const cpu = process.cpuUsage()
  const begin = performance.now()
  const end = begin + ms
  const asker = async () => {
    for (let sent = performance.now(); sent < end; ) {
      await ask()
      const now = performance.now()
      took.push(now - sent)
      sent = now
    }
  }
  await Promise.all(Array.from({ length: concurrency }, asker))
  const spent = performance.now() - begin
  const { user, system } = process.cpuUsage(cpu)
  took.sort((a, b) => a - b)
  return {
    perSecond: (took.length / spent) * 1000,
    p50Us: at(took, 0.5) * 1000,
    p99Us: at(took, 0.99) * 1000,
    cpuUs: (user + system) / took.length,
  }
}

const CHUNK = 1_000

/** Microseconds a call, one after the other, the median of many thousands: for calls that are over before a clock has been read. */
export const microsPerCall = async (ask: Ask, ms: number): Promise<number> => {
  const chunks: number[] = []
  const end = performance.now() + ms
  while (performance.now() < end) {
    const begin = performance.now()
    for (let nth = 0; nth < CHUNK; nth += 1) await ask()
    chunks.push(performance.now() - begin)
  }
  return (median(chunks) / CHUNK) * 1000
}

export const median = (numbers: readonly number[]): number =>
  at(
    [...numbers].sort((a, b) => a - b),
    0.5,
  )

const at = (sorted: readonly number[], share: number): number => sorted[Math.floor(sorted.length * share)] ?? 0
