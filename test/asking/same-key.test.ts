import { RefundAuthorize } from '@recyclique/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dayIn } from '../../kernel/centre/day.ts'
import { openHooks } from '../../kernel/hooks/hooks.ts'
import { keepAfterAsking } from '../../kernel/http/keep-after-asking.ts'
import { openMetrics } from '../../kernel/metrics.ts'
import { refundSale } from '../../kernel/sales/refund-sale.ts'
import { handClock } from '../conformance/clock.ts'
import { cash, openTill, type Till, thing } from '../sales/till.ts'
import { ALLOW, withModule } from './modules.ts'

let t: Till
beforeAll(async () => {
  t = await openTill()
  await t.fresh()
})
afterAll(() => t.done())

test('a retry that overtakes its first try is answered like it, although the first try left nothing to refund', async () => {
  const clock = handClock()
  const hooks = openHooks({ clock, newId: t.newId, note: () => {}, slowMs: 75, maxDepth: 8 })
  hooks.book.declare('kernel', [RefundAuthorize])
  await withModule({ hooks }, 'guard', 'refund.authorize', () => ALLOW)
  const { data: sale } = await t.sell({ lines: [thing(300)] })
  const body = {
    ...{ saleId: sale.saleId, sessionId: t.session, lines: [{ line: 1, qty: 1, cents: 300 }] },
    ...{ payments: [cash(300)], areGoodsBack: true },
  }
  const command = { key: 'one-and-the-same', digest: 'same', actor: 'manager', id: t.newId(), body }
  // Its key was looked up just before the first try was kept.
  const tooEarly = { ...t.ledger, answerTo: async () => undefined }
  const metrics = openMetrics(() => ({ position: 0, told: 0, behind: 0, busUp: true }))
  const world = { ledger: tooEarly, read: t.store.read, hooks, clock, dayOf: dayIn('Europe/Paris'), metrics }
  const first = await keepAfterAsking(world, command, refundSale)
  const again = await keepAfterAsking(world, { ...command, id: t.newId() }, refundSale)
  expect([first.replayed, again.replayed]).toEqual([false, true])
  expect(again.facts).toEqual(first.facts)
})
