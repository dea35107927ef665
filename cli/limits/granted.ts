import type { ConfigView, GrantPolicy, PermissionsView } from '@recyclique/contracts'

/**
 * Whether a right counts as granted for a process that is about to start: as the kernel decides when it announces itself. `view` is absent for a
 * module that the kernel does not know yet.
 */
export const grantsOf = (view: PermissionsView | undefined, usual: GrantPolicy): ((right: string) => boolean) => {
  const { policy = usual, rights = [] } = view ?? {}
  const states = new Map(rights.map(({ right, state }) => [right, state]))
  const isDecided = rights.some(({ state }) => state !== 'waiting')
  const isGrantedUnseen = policy === 'all' || (policy === 'first' && !isDecided)
  return (right) => {
    const state = states.get(right) ?? 'waiting'
    return state === 'waiting' ? isGrantedUnseen : state === 'granted'
  }
}

/**
 * What the kernel keeps for it, which lies over what the installation gives it. Of a module that never came it shows no values, since nobody knows
 * what of it is a secret.
 */
export const keptConfig = (view: ConfigView | undefined): Record<string, unknown> =>
  Object.fromEntries(
    (view?.items ?? []).flatMap(({ key, value, by }) =>
      by === undefined || value === undefined ? [] : [[key, value]],
    ),
  )
