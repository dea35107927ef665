import type { NatsConnection } from '@nats-io/transport-node'
import manifest from './manifest.json' with { type: 'json' }

export interface Service {
  /** Runs one question, and counts it. */
  counted<T extends object | undefined>(run: () => Promise<T>): Promise<T>
}

/** The process as a service of NATS, so that `nats micro stats` sees it: docs/protocol.md, "Being a NATS service". */
export const openService = (connection: NatsConnection, instance: string, mine: string): Service => {
  const { name, version, description } = manifest
  const who = { name, id: instance, version, metadata: {} }
  const endpoint = { name: 'sale_validate', subject: `${mine}hook.sale.validate`, queue_group: '' }
  const started = new Date().toISOString()
  const seen = { num_requests: 0, num_errors: 0, last_error: '', processing_time: 0 }

  const answers = {
    PING: () => ({ type: 'io.nats.micro.v1.ping_response', ...who }),
    INFO: () => ({
      ...{ type: 'io.nats.micro.v1.info_response', ...who, description },
      endpoints: [{ ...endpoint, metadata: {} }],
    }),
    STATS: () => ({
      ...{ type: 'io.nats.micro.v1.stats_response', ...who, started },
      endpoints: [
        {
          ...{ ...endpoint, ...seen },
          average_processing_time: Math.round(seen.processing_time / Math.max(1, seen.num_requests)),
        },
      ],
    }),
  }
  for (const [verb, answer] of Object.entries(answers))
    connection.subscribe(`$SRV.${verb}.${name}.${instance}`, {
      callback: (error, message) => void (error ? undefined : message.respond(JSON.stringify(answer()))),
    })

  return {
    async counted(run) {
      const began = process.hrtime.bigint()
      const reply = await run()
      seen.num_requests += 1
      seen.processing_time += Number(process.hrtime.bigint() - began)
      if (reply && 'error' in reply) {
        seen.num_errors += 1
        seen.last_error = JSON.stringify(reply.error).slice(0, 500)
      }
      return reply
    },
  }
}
