import { hook, SaleLine, Verdict } from '@recyclique/contracts'
import { Type } from '@sinclair/typebox'

/** What everybody is asked: three lines, some 500 bytes of JSON. */
export const SMALL_SALE = {
  registerId: 'caisse-1',
  lines: ['livres', 'vaisselle', 'textile'].map((categoryId, at) => ({
    ...{ line: at + 1, categoryId, categoryName: `Catégorie ${categoryId}`, qty: 1 },
    ...{ unitCents: 300, lineCents: 300, lineGrams: 700, preset: 'don' as const },
  })),
  totalCents: 900,
}

export type SmallSale = typeof SMALL_SALE

/** What everybody answers. */
export const ALLOWED = { verdict: 'allow' as const }

/** Throws where these are not so many of the answer that was given: a benchmark of failures would be fast. */
export const checkAllowed = (found: unknown, count: number): void => {
  const answers = Array.isArray(found) ? found : [found]
  if (answers.length !== count || !answers.every((one) => one?.verdict === 'allow'))
    throw new Error(`not ${count} times the answer that was given: ${JSON.stringify(found)}`)
}

/** The policy of `sale.validate`, but for errors: nobody is left out in silence here. */
const common = {
  version: 1,
  mode: 'collect' as const,
  args: Type.Object({ registerId: Type.String(), lines: Type.Array(SaleLine), totalCents: Type.Integer() }),
  answer: Verdict,
  deadlineMs: 5_000,
}
const atOnce = { ...common, dispatch: 'parallel' as const, onError: 'aggregate' as const, idempotent: true }

/** Nobody answers it. */
export const Nobody = hook({ ...common, name: 'bench.nobody' })
/** Answered by functions in the kernel's own process. */
export const OneHere = hook({ ...common, name: 'bench.one-here' })
export const TenHere = hook({ ...common, name: 'bench.ten-here' })
/** Answered by one module in a process of its own, by all of them at once, by all of them one after the other. */
export const One = hook({ ...atOnce, name: 'bench.one' })
export const AllAtOnce = hook({ ...atOnce, name: 'bench.all-at-once' })
export const AllInTurn = hook({ ...common, name: 'bench.all-in-turn' })
/** Answered by one module, and another one stands around it. */
export const Wrapped = hook({ ...atOnce, name: 'bench.wrapped' })
/** Never answered: whoever asks waits until the module dies … */
export const Held = hook({ ...common, name: 'bench.held', mode: 'driver', deadlineMs: 20_000 })
/** … or until the time is over. Answered where the total is not 0. */
export const Hung = hook({ ...common, name: 'bench.hung', mode: 'driver', deadlineMs: 150 })

export const BENCH_HOOKS = [Nobody, OneHere, TenHere, One, AllAtOnce, AllInTurn, Wrapped, Held, Hung]
