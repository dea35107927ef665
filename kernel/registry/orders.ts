import { isDeepStrictEqual } from 'node:util'
import type { Access } from './access.ts'
import { blockOn, wordsOnBlock } from './blocked-versions.ts'
import { ordered } from './decide.ts'
import type { Lifecycle } from './lifecycle.ts'
import type { Shared } from './parts.ts'
import type { Party } from './party.ts'

/** What the operator wants, carried out. The order itself is kept by the ledger before. */
export const openOrders = (shared: Shared, lifecycle: Lifecycle, access: Access) => {
  const { hooks, permissions, roster, settle, standings } = shared
  let marked = new Set<string>()

  /** Reads anew what is kept, and does it. */
  const carryOut = async (module: string): Promise<void> => {
    await Promise.all([standings.reload(), permissions.reload()])
    applyMarks()
    const { blocked, disabled, blockedVersions } = standings.of(module)
    const whyAll =
      blocked !== undefined
        ? ordered('blocked', blocked)
        : disabled !== undefined
          ? ordered('disabled', disabled)
          : undefined
    await access.follow(module)
    for (const party of roster.familyOf(module).parties) {
      const { version } = party.manifest
      const block = blockOn(version, blockedVersions)
      const why = whyAll ?? (block && wordsOnBlock(module, version, block))
      if (party.place === 'in' && why !== undefined) lifecycle.takeOut(party, [why], false)
      else if (party.place === 'in' && mayNowDoOther(party))
        lifecycle.takeOut(party, ['What it may do here has changed: it is let in again with that.'], false)
      else if (party.place === 'standby') lifecycle.sayToAll(party, 'announce')
    }
    settle(module)
  }

  /**
   * Then it is taken out of the plans, and comes back into them as soon as it has announced itself: in milliseconds; without what it cannot be
   * had without it waits there.
   */
  const mayNowDoOther = ({ manifest, whole }: Party) =>
    permissions.barred(whole).length > 0 || !isDeepStrictEqual(permissions.narrowed(whole), manifest)

  /** The book is told of every hook that bears marks, and of those that bear none any more. */
  const applyMarks = () => {
    const marks = standings.marks().filter(({ hook }) => hook !== '*')
    const now = new Set(marks.map(({ hook }) => hook))
    for (const hook of new Set([...marked, ...now])) {
      const of = (need: 'required' | 'optional') =>
        marks.filter((one) => one.hook === hook && one.need === need).map(({ module }) => module)
      hooks.book.mark(hook, { required: of('required'), optional: of('optional') })
    }
    marked = now
  }

  applyMarks()
  return { carryOut }
}

export type Orders = ReturnType<typeof openOrders>
