import { ModuleOrdered } from '@recyclique/contracts'
import { draft, type Rule } from '../ledger/rule.ts'
import { type Mark, type Standing, standingOf } from './standing.ts'

/** What the operator wants of a module. It need not have been there yet. */
export type OrderModule = ModuleOrdered

interface State {
  readonly before: Standing
  readonly need: Mark['need'] | 'policy'
}

/** The operator's word. What is so already yields no fact. */
export const orderModule: Rule<OrderModule, State> = {
  async load(read, { module, hook = '*' }) {
    const mark = await read.one<Mark>('SELECT * FROM module_mark WHERE hook = ? AND module = ?', hook, module)
    return { before: await standingOf(read, module), need: mark?.need ?? 'policy' }
  },
  decide: (state, { body }, { today }) => ({
    facts: isSo(state, body) ? [] : [draft(ModuleOrdered, body, { businessDate: today })],
  }),
}

const isSo = ({ before, need }: State, { order }: OrderModule): boolean => {
  const { disabled, blocked } = before
  return {
    enable: disabled === undefined,
    disable: disabled !== undefined,
    block: blocked !== undefined,
    unblock: blocked === undefined,
    require: need === 'required',
    excuse: need === 'optional',
    release: need === 'policy',
  }[order]
}
