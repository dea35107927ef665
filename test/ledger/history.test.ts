import fc from 'fast-check'
import { expect, test } from 'vitest'
import { IS_LONG, rebuildIn, verifyIn, withCopy } from '../support/check.ts'
import { play, setUp, steps } from '../support/history.ts'
import { openTestLedger, type TestLedger } from '../support/ledger.ts'

const withLedger = async (work: (t: TestLedger) => Promise<void>) => {
  const t = await openTestLedger()
  try {
    await work(t)
  } finally {
    await t.close()
  }
}

test('any history is sound while the kernel runs, and its tables follow from its facts', async () => {
  let kept = 0
  let refused = 0
  await fc.assert(
    fc.asyncProperty(steps(IS_LONG ? 400 : 80), (history) =>
      withLedger(async (t) => {
        await setUp(t)
        const played = await play(t, history)
        kept += played.kept
        refused += played.refused
        expect(await verifyIn(t.dir)).toMatchObject({ ok: true, flaws: [], notes: [], found: 0 })
        await gapless(t)
        await withCopy(t.dir, async (dir) => {
          expect(await rebuildIn(dir)).toMatchObject({ isRebuilt: true, differing: 0, flaws: [] })
          expect(await verifyIn(dir)).toMatchObject({ ok: true, flaws: [] })
        })
      }),
    ),
    { numRuns: IS_LONG ? 100 : 8, endOnFailure: !IS_LONG },
  )
  // Otherwise the histories would prove little.
  expect(kept).toBeGreaterThan(50)
  expect(refused).toBeGreaterThan(50)
}, 600_000)

const gapless = async ({ store }: TestLedger) => {
  const journals = await store.read.all<{ n: number; first: number; last: number }>(
    'SELECT COUNT(*) AS n, MIN(seq) AS first, MAX(seq) AS last FROM ledger GROUP BY journal',
  )
  for (const { n, first, last } of journals) expect([first, last]).toEqual([1, n])
}
