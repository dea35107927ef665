import type { NatsConnection } from '@nats-io/transport-node'
import {
  PROTOCOL,
  SERVICE_VERBS,
  type ServiceInfo,
  type ServicePing,
  type ServiceStats,
  type ServiceVerb,
  type Subjects,
  serviceSubjects,
} from '@recyclique/contracts'
import type { Logger } from 'pino'
import { hashOf } from './announce.ts'
import type { Module } from './define-module.ts'
import type { Endpoint } from './endpoints.ts'
import type { Tally } from './tally.ts'

interface Parts {
  readonly module: Module
  readonly instance: string
  readonly connection: NatsConnection
  readonly subjects: Subjects
  readonly endpoints: readonly Endpoint[]
  readonly tally: Tally
  readonly log: Logger
}

/**
 * The process as a NATS service (ADR-32), for the tools of NATS: `nats micro ls`, `info`, `stats`. Only what is asked about it is answered
 * here; what it answers itself keeps its own subjects, since the kernel, and no queue group, chooses the process. That is also why the
 * library for services does not help: it would subscribe to all endpoints by itself, and give the process an id that is not the instance's.
 */
export const serveAsService = ({ module, instance, connection, endpoints, tally, log }: Parts): void => {
  const { manifest } = module
  const { name, version, description } = manifest
  const metadata = { manifest: hashOf(manifest), protocol: String(PROTOCOL) }
  const who = { name, id: instance, version, metadata }
  const answers: Readonly<Record<ServiceVerb, () => ServicePing | ServiceInfo | ServiceStats>> = {
    PING: () => ({ type: 'io.nats.micro.v1.ping_response', ...who }),
    INFO: () => ({
      type: 'io.nats.micro.v1.info_response',
      ...who,
      description,
      endpoints: endpoints.map(({ key: _, ...shown }) => ({ ...shown, queue_group: '' })),
    }),
    STATS: () => ({
      type: 'io.nats.micro.v1.stats_response',
      ...who,
      started: tally.startedAt,
      endpoints: endpoints.map((one) => statsOf(one, tally)),
    }),
  }

  let isRefused = false
  const refused = (error: Error) => {
    if (!isRefused) log.warn({ reason: error.message }, oldCredentials(name))
    isRefused = true
  }
  for (const verb of SERVICE_VERBS)
    for (const subject of serviceSubjects(verb, name, instance))
      connection.subscribe(subject, {
        callback(error, message) {
          if (error) refused(error)
          else message.respond(JSON.stringify(answers[verb]()))
        },
      })
}

const oldCredentials = (module: string): string =>
  'the bus does not let this module be seen by the tools of NATS: its credentials are older than that. It works all the same; ' +
  `\`recyclique keys creds ${module}\` makes new ones`

const statsOf = ({ key, name, subject }: Endpoint, tally: Tally): ServiceStats['endpoints'][number] => {
  const { requests, errors, lastError, busyMs } = tally.of(key)
  const nanoseconds = Math.round(busyMs * 1_000_000)
  return {
    ...{ name, subject, queue_group: '', num_requests: requests, num_errors: errors, last_error: lastError },
    processing_time: nanoseconds,
    average_processing_time: requests === 0 ? 0 : Math.round(nanoseconds / requests),
  }
}
