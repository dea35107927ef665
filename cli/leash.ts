import { createInterface } from 'node:readline'
import { endGroup } from './up/process-group.ts'

/**
 * Holds the supervisor's children on a leash: a process of its own that hears on stdin who was started (`+pid`) and who has ended
 * (`-pid`). When the pipe closes, the supervisor is gone, however it went: then whoever is still there is ended too, the last one
 * first. A pipe is what every system closes by itself, kill -9 included.
 */
const PATIENCE_MS = 4_000

// A Ctrl-C or a closed terminal is the supervisor's business: the leash goes when its pipe does.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {})

const groups = new Set<number>()
for await (const line of createInterface({ input: process.stdin })) {
  const pid = Number(line.slice(1))
  if (line.startsWith('+')) groups.add(pid)
  else groups.delete(pid)
}
for (const pid of [...groups].reverse()) await endGroup(pid, PATIENCE_MS)
