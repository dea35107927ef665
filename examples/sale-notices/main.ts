import { readFileSync } from 'node:fs'
import { runOnBus, type Settings } from './life.ts'
import { openWhatIsSet } from './what-is-set.ts'

/** Exit codes: 78, set up wrongly; 65, rejected by the kernel. A new start changes neither. */
const MISCONFIGURED = 78

const settings = (env: NodeJS.ProcessEnv): Settings => {
  const { NATS_URL, RECYCLIQUE_SITE: site, RECYCLIQUE_CREDS: creds, RECYCLIQUE_INSTANCE } = env
  if (!site || !creds) throw new Error('set RECYCLIQUE_SITE and RECYCLIQUE_CREDS: see README.md')
  return {
    servers: (NATS_URL || 'nats://127.0.0.1:4222').split(','),
    site,
    creds: readFileSync(creds),
    instance: RECYCLIQUE_INSTANCE || `sale-notices-${process.pid.toString(36)}`,
    set: openWhatIsSet(
      JSON.parse(env.RECYCLIQUE_MODULE_CONFIG || '{}') as Record<string, unknown>,
      env.RECYCLIQUE_MODULE_CONFIG_ORIGIN || 'given',
    ),
  }
}

try {
  process.exit(await runOnBus(settings(process.env)))
} catch (error) {
  console.error(`sale-notices: ${(error as Error).message}`)
  process.exit(MISCONFIGURED)
}
