import type { NatsConnection } from '@nats-io/transport-node'
import { type ConfigTaken, KeptConfig, type Manifest, parseJson, type Subjects } from '@recyclique/contracts'
import type { Logger } from 'pino'
import type { RunningConfig } from './config.ts'
import { shownConfig } from './config-shown.ts'
import type { Settings } from './settings.ts'

type Parts = {
  readonly module: { readonly manifest: Manifest; readonly config: RunningConfig | undefined }
  readonly instance: string
  readonly settings: Settings
  readonly connection: NatsConnection
  readonly subjects: Subjects
  readonly log: Logger
}

/** What the operator sets while the module runs: taken, or refused in words. */
export const hearConfig = ({ module, instance, settings, connection, subjects, log }: Parts): void => {
  const { config, manifest } = module
  if (!config) return
  const take = async (text: string): Promise<ConfigTaken> => {
    const taken = await config.take(parseJson(KeptConfig, text, 'what is set'))
    if (taken.ok) log.info({ keys: Object.keys(config.kept.values) }, 'what is set for this module has changed')
    else log.warn({ reason: taken.words }, 'what is set for this module could not be taken; it goes on as before')
    return { ...taken, config: shownConfig(manifest, settings, config.kept) }
  }
  connection.subscribe(subjects.toModule(manifest.name, instance, 'control', 'config'), {
    callback: (error, message) => {
      if (error) return
      const failed = (cause: Error): ConfigTaken => ({ ok: false, words: cause.message.slice(0, 2_000) })
      void take(message.string())
        .catch(failed)
        .then((taken) => message.respond(JSON.stringify(taken)))
    },
  })
}
