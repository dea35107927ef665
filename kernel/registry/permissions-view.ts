import { type GrantPolicy, type PermissionsView, type RightView, rightsOf, wordsOfRight } from '@recyclique/contracts'
import type { Family } from './party.ts'
import type { Permissions } from './permission.ts'

interface Viewed {
  readonly name: string
  readonly policy: GrantPolicy
  readonly blocked: boolean
  readonly family: Family | undefined
  readonly permissions: Permissions
}

/** What a module asks for, in any version that is there, and what was decided about it. */
export const permissionsViewOf = ({ name, policy, blocked, family, permissions }: Viewed): PermissionsView => {
  const asked = new Set((family?.parties ?? []).flatMap(({ whole }) => rightsOf(whole)))
  const all = [...new Set([...asked, ...permissions.rights.keys()])]
  const program = family?.parties.map(({ whole }) => whole.run?.[0]).find((one) => one !== undefined)
  const held = program === undefined ? {} : { program }
  return {
    module: name,
    policy,
    blocked,
    ...held,
    rights: all.map((right) => rightView(right, asked.has(right), permissions)),
  }
}

const rightView = (right: string, isAsked: boolean, { rights }: Permissions): RightView => {
  const shown = { right, words: wordsOfRight(right), isAsked }
  const decided = rights.get(right)
  if (!decided) return { ...shown, state: 'waiting' }
  const { decision, since, by, reason } = decided
  return { ...shown, state: decision, since, by, ...(reason === '' ? {} : { reason }) }
}
