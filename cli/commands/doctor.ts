import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { examine } from '../doctor/doctor.ts'
import type { Place } from '../doctor/finding.ts'
import { linesOf, verdictOf } from '../doctor/show.ts'
import { dataFolder, readUpOptions } from '../up/options.ts'

type Flags = { data?: string; url?: string; json?: boolean }

/** `recyclique doctor`: what is wrong here, and what to do. Exit code 1 where something is. */
export const doctorCommand = (program: Command): void => {
  program
    .command('doctor')
    .description('what is wrong here, and what to do; looks only, and may run at any time')
    .option('--data <folder>', 'the data folder (RECYCLIQUE_DATA; ./data)')
    .option('--url <address>', 'of the kernel (RECYCLIQUE_URL; what runs on the data folder)')
    .option('--json', 'the findings as one line of JSON')
    .action(async ({ data, url, json }: Flags) => {
      const place = placeOf(data, url, process.env)
      const findings = json ? await examine(place, SILENT) : await examine(place, aloud())
      const isWell = findings.every(({ level }) => level !== 'bad')
      console.log(json ? JSON.stringify({ ok: isWell, findings }) : `\n${verdictOf(findings)}`)
      process.exitCode = isWell ? 0 : 1
    })
}

const SILENT = { onLook: () => {}, onFinding: () => {} }

/** Each line as soon as it is known; on a terminal it is also said what is being looked at. */
const aloud = () => {
  const isColoured = process.stdout.isTTY === true && !process.env.NO_COLOR
  const clear = () => process.stderr.isTTY && process.stderr.write('\r\x1b[2K')
  return {
    onLook: (about: string) => process.stderr.isTTY && process.stderr.write(`\r\x1b[2K… ${about}`),
    onFinding: (finding: Parameters<typeof linesOf>[0]) => {
      clear()
      console.log(linesOf(finding, isColoured))
    },
  }
}

/** A setting that is wrong is for `up` to refuse; here the rest is looked at all the same. */
const placeOf = (data: string | undefined, url: string | undefined, env: NodeJS.ProcessEnv): Place => {
  const folder = dataFolder(data, env)
  const { host, port } = readUpOptions({}, { ...env, RECYCLIQUE_INSECURE_NO_LOGIN: '1' })
  return {
    env,
    data: folder,
    keys: env.RECYCLIQUE_KEYS ? resolve(env.RECYCLIQUE_KEYS) : join(folder, 'keys'),
    host,
    port,
    url: url ?? (env.RECYCLIQUE_URL || undefined),
    now: () => new Date(),
  }
}
