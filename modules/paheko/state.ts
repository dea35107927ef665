/**
 * Where the entry of a session stands. `to-retry`: it will be tried by itself. `quarantined`: something must be mended first, in Paheko or in the
 * settings. `rejected`: Paheko refused it, and nothing was kept there. `resolved`: it is in Paheko, once.
 */
export type SyncState = 'to-retry' | 'quarantined' | 'rejected' | 'resolved'

/** From bad to good. */
export const WORST_FIRST: readonly SyncState[] = ['rejected', 'quarantined', 'to-retry', 'resolved']

/** What stands for several. */
export const worstOf = (states: readonly SyncState[]): SyncState =>
  WORST_FIRST.find((state) => states.includes(state)) ?? 'resolved'

/**
 * What a session's state is after one more try. Only what solves it makes it better: a try that fails on the way hides neither a
 * rejection nor a quarantine that was there before.
 */
export const stateAfter = (before: SyncState, tried: SyncState): SyncState => {
  if (tried === 'resolved') return 'resolved'
  // It is there; that a further look fails on the way takes nothing away from it.
  return before === 'resolved' && tried === 'to-retry' ? 'resolved' : worstOf([before, tried])
}
