import type { Peer, PeerGroup } from './peer.ts'

/** Who was silent is asked again only after a while, unless there is nobody else. */
const SHY_MS = 5_000

/** Of each module its own: counted together, two modules that are asked by turns would each be asked in one process only. */
const turns = new WeakMap<PeerGroup, number>()

/** The process with the fewest questions in hand; among equals each in turn. */
export const leastBusy = (group: PeerGroup, now: number): Peer | undefined => {
  const all = [...group.peers()]
  const there = all.filter(({ isAskable }) => isAskable)
  if (there.length === 0) return all.find(({ isLeaving }) => isLeaving)
  if (there.length === 1) return there[0]
  const turn = ((turns.get(group) ?? 0) + 1) % 0x3fffffff
  turns.set(group, turn)
  const from = turn % there.length
  const inTurn = [...there.slice(from), ...there.slice(0, from)]
  return inTurn.reduce((least, one) => (isBetter(one, least, now) ? one : least))
}

const isBetter = (one: Peer, other: Peer, now: number): boolean => {
  const isShy = now - one.silentAt < SHY_MS
  const isOtherShy = now - other.silentAt < SHY_MS
  return isShy === isOtherShy ? one.pending.size < other.pending.size : isOtherShy
}
