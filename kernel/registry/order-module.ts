import { ModuleOrdered } from '@recyclique/contracts'
import { validRange } from 'semver'
import { Refusal } from '../errors.ts'
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
  decide(state, { body }, { today }) {
    if (body.versions !== undefined) refuseUnreadable(body.versions)
    const orders = isSo(state, body) ? lifted(state, body) : [body, ...lifted(state, body)]
    return { facts: orders.map((order) => draft(ModuleOrdered, order, { businessDate: today })) }
  },
}

const refuseUnreadable = (versions: string): void => {
  if (validRange(versions) === null) throw new Refusal('versions-invalid', { versions }, { field: '/versions' })
}

/** Whoever lets the name in again lets in all of its versions. */
const lifted = ({ before }: State, { module, order, versions }: OrderModule): OrderModule[] =>
  order === 'unblock' && versions === undefined
    ? before.blockedVersions.map((one) => ({ module, order, versions: one.versions }))
    : []

const isSo = ({ before, need }: State, { order, versions }: OrderModule): boolean => {
  const { disabled } = before
  const isBlocked =
    versions === undefined
      ? before.blocked !== undefined
      : before.blockedVersions.some((one) => one.versions === versions)
  return {
    enable: disabled === undefined,
    disable: disabled !== undefined,
    block: isBlocked,
    unblock: !isBlocked,
    require: need === 'required',
    excuse: need === 'optional',
    release: need === 'policy',
  }[order]
}
