import type { FastifyReply } from 'fastify'
import type { HookError } from '../hooks/hook-error.ts'
import type { World } from './world.ts'

const HEADER = 'recyclique-skipped'

/** One module that was passed over, as an answer shows it. `words` are the module's own, or say why there were none. */
export interface PassedOver {
  readonly module: string
  readonly kind: HookError['kind']
  readonly words: string
}

export const passedOver = ({ module = 'unknown', kind, message }: HookError): PassedOver => ({
  ...{ module, kind },
  words: message,
})

/**
 * Says in the header `Recyclique-Skipped` who was passed over while a request was dealt with: `labels (timeout), prices (thrown)`.
 * Each module stands there once for each kind, in the order in which the kernel asked, over all the questions of the request.
 */
export const skippedHeader = (reply: FastifyReply, errors: readonly Pick<HookError, 'module' | 'kind'>[]): void => {
  if (errors.length === 0) return
  const said = reply.getHeader(HEADER)
  const before = typeof said === 'string' ? said.split(', ') : []
  const now = errors.map(({ module = 'unknown', kind }) => `${module} (${kind})`)
  reply.header(HEADER, [...new Set([...before, ...now])].join(', '))
}

/** The same, and each one is counted by hook, module and kind. */
export const tellSkipped = (
  { metrics }: Pick<World, 'metrics'>,
  reply: FastifyReply,
  errors: readonly HookError[],
): void => {
  skippedHeader(reply, errors)
  for (const { hook, module = 'unknown', kind } of errors) metrics.skipped(hook, module, kind)
}
