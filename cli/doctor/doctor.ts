import type { Check, Finding, Place } from './finding.ts'
import { dataFolder, keyFiles } from './folders.ts'
import { activeModules, kernel } from './kernel.ts'
import { natsServer, program } from './program.ts'
import { keyring, ledger } from './records.ts'
import { crashes, lock, port } from './running.ts'
import { wishes } from './wishes.ts'

/** In the order in which one needs the other: a finding further up often explains those below. */
const CHECKS: readonly Check[] = [
  program,
  dataFolder,
  keyring,
  keyFiles,
  ledger,
  wishes,
  natsServer,
  lock,
  port,
  crashes,
  kernel,
  activeModules,
]

type Hear = {
  /** What is being looked at now. */
  onLook: (about: string) => void
  onFinding: (finding: Finding) => void
}

/** Looks at everything, whatever it finds on the way, and changes nothing. */
export const examine = async (place: Place, { onLook, onFinding }: Hear, checks = CHECKS): Promise<Finding[]> => {
  const findings: Finding[] = []
  for (const { about, look } of checks) {
    onLook(about)
    for (const found of await look(place).catch(notLookedAt)) {
      const finding = { about, ...found }
      findings.push(finding)
      onFinding(finding)
    }
  }
  return findings
}

const notLookedAt = (error: Error) => [
  {
    level: 'bad' as const,
    words: `it could not be looked at: ${error.message}`,
    remedy: 'tell whoever looks after this program',
  },
]
