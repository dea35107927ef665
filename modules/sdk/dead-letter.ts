import type { NatsConnection } from '@nats-io/transport-node'
import type { Dead, Subjects } from '@recyclique/contracts'
import type { Module } from './define-module.ts'

/**
 * Thrown by a handler of a fact that it will never be able to take: the fact goes to the dead letters at once, and those behind it come.
 * An operator reads the words there, and can give the fact to the module again once it is mended.
 */
export class DeadLetter extends Error {
  constructor(words: string, options?: ErrorOptions) {
    super(words, options)
    this.name = 'DeadLetter'
  }
}

interface BuryParts {
  readonly module: Module
  readonly instance: string
  readonly connection: Pick<NatsConnection, 'request'>
  readonly subjects: Subjects
}

/** The kernel's write to disk, and what stands before it. */
const KEPT_WITHIN_MS = 5_000

/**
 * Hands a fact to the kernel's dead letters. When it resolves, the kernel has it on disk and the module's store has passed it without its effect;
 * in this order, so that a fact is never passed that nobody knows of. Rejects while no kernel answers.
 */
export const bury = async (
  { module, instance, connection, subjects }: BuryParts,
  { position, error, attempts }: { position: number; error: Error; attempts: number },
): Promise<void> => {
  const said: Dead = { instance, position, attempts, ...wordsOf(error) }
  const subject = subjects.toKernel(module.manifest.name, 'dead')
  await connection.request(subject, JSON.stringify(said), { timeout: KEPT_WITHIN_MS })
  module.store?.pass(position)
}

/** JavaScript lets anything be thrown. */
export const asError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)))

/** As much of an error as a dead letter holds. */
export const wordsOf = ({ message, name, stack }: Error): { error: string; stack?: string } => ({
  error: (message || name).slice(0, 2000),
  ...(stack === undefined ? {} : { stack: stack.slice(0, 8000) }),
})
