import { readFileSync } from 'node:fs'

type Watch = {
  pid: number
  mostMb: number
  /** Called once, with what it holds. */
  over: (heldMb: number) => void
  everyMs?: number
}

/**
 * Looks how much memory a process holds, whatever it is written in, until `stop`. Linux alone tells: elsewhere nothing is watched. What fills its
 * memory within one look may still hurt its neighbours; against that only a container helps.
 */
export const watchMemory = ({ pid, mostMb, over, everyMs = 250 }: Watch): { stop: () => void } => {
  const timer = setInterval(() => {
    const heldMb = residentMb(pid)
    if (heldMb === undefined || heldMb <= mostMb) return
    clearInterval(timer)
    over(heldMb)
  }, everyMs)
  timer.unref()
  return { stop: () => clearInterval(timer) }
}

const residentMb = (pid: number): number | undefined => {
  try {
    const [, kB] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return kB === undefined ? undefined : Math.round(Number(kB) / 1024)
  } catch {
    return undefined
  }
}
