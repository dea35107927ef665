import { mkdirSync } from 'node:fs'
import { pino } from 'pino'
import { openKernel } from './kernel.ts'
import { BadSetting, readSettings } from './settings.ts'

/**
 * The kernel's process. With a channel to its parent it says `{ ready }` once it takes requests, or `{ failed }` with words for
 * the operator. SIGTERM and SIGINT stop it in order; a second one at once.
 */
const run = async (): Promise<void> => {
  const settings = readSettings(process.env)
  mkdirSync(settings.dataDir, { recursive: true, mode: 0o700 })
  const log = pino({ level: settings.logLevel, base: { name: 'kernel' } })
  const kernel = await openKernel(settings, log, (error) => {
    log.fatal({ err: error }, 'the disk failed: the kernel ends so that nothing is sold that is not kept')
    process.exit(74)
  })
  let isStopping = false
  const stop = async (signal: string) => {
    if (isStopping) process.exit(130)
    isStopping = true
    log.info(`stopping (${signal})`)
    await kernel.close()
    log.info('stopped')
    process.exit(0)
  }
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => void stop(signal))
  // Whoever started us with a channel is gone, and nobody would stop us.
  process.on('disconnect', () => void stop('its parent is gone'))
  // Last: whoever hears it may want us to stop at once.
  process.send?.({
    ready: {
      url: kernel.url,
      ms: Math.round(performance.now()),
      natsState: kernel.busState(),
      ledgerPosition: kernel.position(),
    },
  })
}

run().catch((error: Error) => {
  process.send?.({ failed: { message: error.message } })
  console.error(error instanceof BadSetting ? error.message : error)
  process.exitCode = error instanceof BadSetting ? 78 : 1
  process.disconnect?.()
})
