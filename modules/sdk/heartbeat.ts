import type { NatsConnection } from '@nats-io/transport-node'
import type { Heartbeat, Subjects } from '@recyclique/contracts'
import type { Module } from './define-module.ts'
import type { Work } from './work.ts'

export interface Pulse {
  /** Beats now, and from now on at this pace. */
  every(ms: number): void
  stop(): void
}

type Parts = { module: Module; instance: string; connection: NatsConnection; subjects: Subjects; work: Work }

/** Tells all kernels that the process lives and how far it has come. Wants no answer; one that is lost is made up by the next. */
export const makePulse = ({ module, instance, connection, subjects, work }: Parts): Pulse => {
  const subject = subjects.toKernel(module.manifest.name, 'heartbeat')
  let timer: NodeJS.Timeout | undefined
  const beat = () => {
    const position = Math.max(work.position, module.store?.position ?? 0)
    const said: Heartbeat = { instance, inFlight: work.inFlight, position }
    if (!connection.isClosed()) connection.publish(subject, JSON.stringify(said))
  }
  const stop = () => clearInterval(timer)
  return {
    every(ms) {
      stop()
      beat()
      timer = setInterval(beat, ms)
    },
    stop,
  }
}
