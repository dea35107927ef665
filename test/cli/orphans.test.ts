import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { isAlive } from '../../cli/up/process-group.ts'
import { canSeeProcesses } from './support/processes.ts'
import { until } from './support/up.ts'

const SUPERVISOR = join(import.meta.dirname, 'support', 'supervisor.ts')

test.runIf(canSeeProcesses).each(['child', 'supervisor'] as const)(
  'what a child itself started ends with it, deaf as it is, when the %s is killed with -9',
  async (who) => {
    const supervisor = spawn(process.execPath, [SUPERVISOR], { stdio: ['ignore', 'pipe', 'inherit'] })
    try {
      const [line] = (await once(createInterface({ input: supervisor.stdout }), 'line')) as [string]
      const { child, grandchild } = JSON.parse(line) as { child: number; grandchild: number }
      expect([child, grandchild].map(isAlive)).toEqual([true, true])

      process.kill(who === 'child' ? child : supervisor.pid!, 'SIGKILL')
      await until('both are gone', () => !isAlive(child) && !isAlive(grandchild))
    } finally {
      supervisor.kill('SIGKILL')
    }
  },
)
