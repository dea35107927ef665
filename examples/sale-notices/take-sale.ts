import type { Around } from './life.ts'
import { noticeOf } from './notices.ts'

/** It will pass: the same fact again, later. */
export class NotNow extends Error {}

/**
 * Tells of a large sale. The key is made from the fact that was heard: a fact that comes twice, or a tell whose answer was lost, is told
 * once. Throws a `NotNow` where the kernel did not keep it, and something else for data that are no sale.
 */
export const takeSale = async ({ connection, config, instance, toKernel }: Around, position: number, data: unknown) => {
  const notice = noticeOf(config, data)
  if (!notice) return
  const said = JSON.stringify({ instance, key: `sale-${position}`, data: notice })
  const reply = await connection
    .request(toKernel('tell.sale-notices.large-sale'), said, { timeout: 2_000 })
    .catch((cause: Error) => {
      throw new NotNow('the kernel does not answer', { cause })
    })
  const { error } = reply.json<{ error?: { words: string; isPassing: boolean } }>()
  if (error?.isPassing) throw new NotNow(error.words)
  if (error) throw new Error(error.words)
}
