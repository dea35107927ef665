import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { runKeysTool } from '../keys-tool.ts'
import { run } from '../nats/run.ts'
import { ROOT } from '../paths.ts'
import { bad, type Check, type Found, ok, type Place } from './finding.ts'

const RESTORE =
  'stop Recyclique, copy the data folder as it is (it is evidence), then: npx recyclique restore BACKUP --force'

/** Whether the keyring is whole, for this site, and the ledger's key with it. */
export const keyring: Check = {
  about: 'keys',
  look: async ({ keys, data, env }) => {
    if (!existsSync(keys) && !hasLedger(data)) return [ok('none yet: the first `npm start` makes them')]
    const wanted = env.RECYCLIQUE_SITE
    const found = await siteOf(keys)
    const seal = existsSync(join(keys, 'seal.pem')) || !hasLedger(data) ? [] : [sealLost(keys)]
    if ('why' in found) return [...seal, bad(found.why, `put the folder ${keys} back from a backup`)]
    if (wanted && found.site !== wanted)
      return [
        ...seal,
        bad(
          `they are for site '${found.site}', but RECYCLIQUE_SITE says '${wanted}'`,
          `RECYCLIQUE_SITE=${found.site}, or another data folder`,
        ),
      ]
    return [...seal, ok(`whole, for site '${found.site}'`)]
  },
}

const sealLost = (keys: string): Found =>
  bad(
    `there is no ${join(keys, 'seal.pem')}: nobody can check the ledger without it`,
    `put the folder ${keys} back from a backup`,
  )

const siteOf = (keys: string): Promise<{ site: string } | { why: string }> =>
  runKeysTool<{ site: string }>(['check', '--keys', keys]).catch((error: Error) => ({
    why: error.message.replace('the keys are not ready: ', ''),
  }))

type Glance = { position: number; recordedAt?: string; site?: string; flaws: string[] }

/** The ledger's end, and the clock beside it. */
export const ledger: Check = {
  about: 'ledger',
  look: async (place) => {
    const { data, keys, now } = place
    if (!hasLedger(data)) return [ok('none yet: the first `npm start` begins it'), await clockAt(now(), undefined)]
    if (!existsSync(join(keys, 'seal.pem'))) return []
    const glance = await glanceAt(place)
    if ('why' in glance) return [bad(`it cannot be opened: ${glance.why}`, RESTORE)]
    const { position, flaws, recordedAt } = glance
    const whole = `${position} facts; the end is sealed and is the one that the head file names`
    const clock = await clockAt(now(), recordedAt === undefined ? undefined : new Date(recordedAt))
    return [
      ...flaws.map((flaw) => bad(flaw, `npx recyclique ledger verify   names what was altered; ${RESTORE}`)),
      ...(flaws.length === 0 ? [ok(whole)] : []),
      clock,
    ]
  },
}

const hasLedger = (data: string): boolean => existsSync(join(data, 'ledger.sqlite'))

const glanceAt = async ({ data, keys, env }: Place): Promise<Glance | { why: string }> => {
  const args = ['glance', '--data', data, '--keys', keys, '--json']
  const { stdout, stderr } = await run(process.execPath, [join(ROOT, 'kernel', 'tools.ts'), ...args], { env })
  try {
    return JSON.parse(stdout) as Glance
  } catch {
    return { why: stderr.trim().split('\n')[0] ?? 'no answer' }
  }
}

/** A clock that is a little ahead is nobody's fault. */
const PATIENCE_MS = 5_000

/** A machine without a battery for its clock wakes up in the past. */
const clockAt = async (now: Date, lastFact: Date | undefined): Promise<Found> => ({
  about: 'clock',
  ...(await clockWords(now, lastFact)),
})

const clockWords = async (now: Date, lastFact: Date | undefined): Promise<Found> => {
  const { mtime } = await stat(join(ROOT, 'package.json'))
  const isBehind = (than: Date | undefined) => than !== undefined && now.getTime() + PATIENCE_MS < than.getTime()
  const remedy = 'set the clock (timedatectl set-ntp true), then look at the last tickets of today'
  if (isBehind(lastFact))
    return bad(
      `this machine's clock says ${now.toISOString()}, but a fact was kept at ${lastFact?.toISOString()} already`,
      remedy,
    )
  if (isBehind(mtime))
    return bad(`this machine's clock says ${now.toISOString()}: the program is newer than that`, remedy)
  return ok(`${now.toISOString()}${lastFact ? ', after the last fact' : ''}`)
}
