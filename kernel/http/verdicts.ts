import type { Verdict } from '@recyclique/contracts'
import { Refusal } from '../errors.ts'

/** A module's word of care, as the answer shows it. */
export interface Caution {
  readonly module: string
  readonly code: string
  readonly words: string
}

/** A verdict and the module that gave it. */
export interface Said<V = Verdict> {
  readonly verdict: V
  readonly module: string
}

type Refused = Extract<Verdict, { verdict: 'refuse' }>

/** The words of care, in the plan's order; or refuses, when one module or more said no. The first of them is the problem. */
export const heed = (said: readonly Said[]): Caution[] => {
  const refused = said.filter(isRefusal)
  if (refused[0]) throw refusalOf(refused[0], refused)
  return said.flatMap(({ verdict, module }) =>
    verdict.verdict === 'caution' ? [{ module, code: verdict.code, words: verdict.words }] : [],
  )
}

const isRefusal = (one: Said): one is Said<Refused> => one.verdict.verdict === 'refuse'

const refusalOf = ({ verdict, module }: Said<Refused>, all: readonly Said<Refused>[]): Refusal =>
  new Refusal(
    'module-refused',
    { words: verdict.words },
    {
      ...{ module, moduleCode: verdict.code },
      ...(verdict.field === undefined ? {} : { field: verdict.field }),
      ...(all.length > 1 ? { errors: all.map(partOf) } : {}),
    },
  )

const partOf = ({ verdict, module }: Said<Refused>) => ({
  ...{ field: verdict.field ?? '', why: verdict.words, module, moduleCode: verdict.code },
})
