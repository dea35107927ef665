import { type Static, type TObject, type TProperties, Type } from '@sinclair/typebox'
import { InstanceId } from './control.ts'
import { ModuleName } from './manifest.ts'
import type { ServiceVerb } from './subjects.ts'

/**
 * Every module is a NATS service as well (the micro protocol of NATS, ADR-32), so that the tools of NATS see it: what each of its processes
 * answers to `$SRV.PING`, `$SRV.INFO` and `$SRV.STATS`. The names of the fields are that protocol's; `name` is the module's, and
 * `id` the instance's.
 */
const Words = Type.Record(Type.String({ maxLength: 100 }), Type.String({ maxLength: 500 }))

const answer = <P extends TProperties>(what: string, more: P) =>
  Type.Object({
    type: Type.Literal(`io.nats.micro.v1.${what}_response`),
    name: ModuleName,
    id: InstanceId,
    version: Type.String({ maxLength: 100 }),
    metadata: Words,
    ...more,
  })

/** Something that a module answers. There is no queue group, since the kernel chooses whom it asks. */
const endpoint = <P extends TProperties>(more: P): TObject<typeof ENDPOINT & P> => Type.Object({ ...ENDPOINT, ...more })

const ENDPOINT = {
  name: Type.String({ pattern: '^[A-Za-z0-9_-]{1,200}$' }),
  subject: Type.String({ maxLength: 500 }),
  queue_group: Type.String({ maxLength: 100 }),
}

const MOST_ENDPOINTS = 1_000

export const ServicePing = answer('ping', {})
export type ServicePing = Static<typeof ServicePing>

export const ServiceInfo = answer('info', {
  description: Type.String({ maxLength: 5_000 }),
  endpoints: Type.Array(endpoint({ metadata: Words }), { maxItems: MOST_ENDPOINTS }),
})
export type ServiceInfo = Static<typeof ServiceInfo>

/** Since the process was started. Times in nanoseconds. */
export const ServiceStats = answer('stats', {
  started: Type.String({ maxLength: 40 }),
  endpoints: Type.Array(
    endpoint({
      num_requests: Type.Integer({ minimum: 0 }),
      num_errors: Type.Integer({ minimum: 0 }),
      last_error: Type.String({ maxLength: 1_000 }),
      processing_time: Type.Integer({ minimum: 0 }),
      average_processing_time: Type.Integer({ minimum: 0 }),
    }),
    { maxItems: MOST_ENDPOINTS },
  ),
})
export type ServiceStats = Static<typeof ServiceStats>

export const SERVICE_ANSWERS = { PING: ServicePing, INFO: ServiceInfo, STATS: ServiceStats } as const satisfies Record<
  ServiceVerb,
  TObject
>
