import { CannotDo } from '../bad-use.ts'
import type { Keeper } from './keep.ts'
import { readLogLine } from './log-line.ts'
import type { Run } from './run.ts'
import { leaveAddress } from './run-file.ts'
import { type KernelReady, spawnKernel } from './spawn-kernel.ts'
import type { Bus } from './start-bus.ts'
import type { Row } from './tree.ts'

export type StartedKernel = { keeper: Keeper<KernelReady>; ready: KernelReady; row: Row }

/** Starts the kernel and waits until it takes requests. Throws with its own words where it cannot. */
export const startKernel = async (run: Run, { url, isReduced, prepared }: Bus): Promise<StartedKernel> => {
  const { options, screen, leash } = run
  const began = performance.now()
  let port = options.port
  const env = () => ({
    ...process.env,
    RECYCLIQUE_DATA: options.data,
    RECYCLIQUE_KEYS: options.keys,
    RECYCLIQUE_SITE: prepared.site,
    RECYCLIQUE_HOST: options.host,
    RECYCLIQUE_PORT: String(port),
    NATS_URL: url,
    ...(options.isInsecure ? { RECYCLIQUE_INSECURE_NO_LOGIN: '1' } : {}),
    ...(isReduced ? { RECYCLIQUE_REDUCED: '1' } : {}),
    // Whoever writes a module changes what it asks for at each turn, and would grant it to himself.
    ...(options.dev ? { RECYCLIQUE_GRANTS: 'all' } : {}),
  })
  const onLine = (line: string) => screen.hear('kernel', line)
  const keeper = run.keep('kernel', async () => spawnKernel({ env: env(), leash, onLine }))
  const ready = await keeper.first.catch((cause: Error) => {
    throw new CannotDo(['the kernel did not start:', ...wordsOn(cause, screen.lastWords('kernel'))].join('\n  '), {
      cause,
    })
  })
  // "Any free port" was asked for: from now on it is this one, also after a crash.
  port = Number(new URL(ready.url).port)
  await leaveAddress(options.data, ready.url)
  const facts = `(ledger: ${ready.ledgerPosition} ${ready.ledgerPosition === 1 ? 'fact' : 'facts'})`
  return { keeper, ready, row: { label: 'kernel', ms: performance.now() - began, note: `${ready.url}   ${facts}` } }
}

/** Why, once: the kernel says it to us and to its log. */
const wordsOn = ({ message }: Error, log: string[]): string[] => [
  message,
  ...log.filter((line) => !line.includes(message)).flatMap((line) => readLogLine(line)?.text ?? []),
]
