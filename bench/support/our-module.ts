import type { Manifest } from '@recyclique/contracts'
import { defineModule, runModule } from '@recyclique/sdk'
import { endWithParent } from './children.ts'
import { ALLOWED, AllAtOnce, AllInTurn, Held, Hung, One, Wrapped } from './small-sale.ts'

/** A module's process as anybody would write it. `NTH`: its number; 0 is the one that answers late or never, and is killed. */
const nth = Number(process.env.NTH)
const ALL = [AllAtOnce, AllInTurn].map(({ name: hook }) => ({ hook }))

const about = (name: string, answers: Manifest['answers']): Manifest => ({
  ...{ name, version: '1.0.0', description: 'Answers a benchmark.', kernel: '*', protocol: { min: 1, max: 1 } },
  ...(answers === undefined ? {} : { answers }),
})

const allow = () => ALLOWED
const never = () => new Promise<never>(() => {})

const mortal = () => {
  let held = 0
  const hold = () => {
    held += 1
    process.send?.({ held })
    return never()
  }
  return defineModule(about('mortal', [{ hook: Held.name }, { hook: Hung.name }]))
    .answer(Held, hold)
    .answer(Hung, ({ totalCents }) => (totalCents === 0 ? never() : ALLOWED))
}

const first = () =>
  defineModule(about('bench-1', [{ hook: One.name }, { hook: Wrapped.name }, ...ALL]))
    .answer(One, allow)
    .answer(Wrapped, allow)

const second = () =>
  defineModule(about('bench-2', [{ hook: Wrapped.name, isWrapper: true }, ...ALL])).wrap(Wrapped, (_, proceed) =>
    proceed(),
  )

const built = nth === 1 ? first() : nth === 2 ? second() : defineModule(about(`bench-${nth}`, ALL))
endWithParent()
await runModule(nth === 0 ? mortal() : built.answer(AllAtOnce, allow).answer(AllInTurn, allow))
