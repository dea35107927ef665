import type { DurableView } from '../bus/port.ts'

export interface Claim {
  /** The durable as the bus has it; `undefined`: there is none. */
  readonly found: Pick<DurableView, 'floor' | 'delivered' | 'underWay'> | undefined
  /** What the module's own store says; `undefined`: it keeps none. */
  readonly resumeAfter: number | undefined
  /** What the kernel remembers of its acknowledgements. */
  readonly remembered: number | undefined
  readonly hearsFrom: 'start' | 'now'
  readonly head: number
  /** Other instances live. */
  readonly hasSisters: boolean
  /** The very same process announces again: it may be in the middle of a fact. */
  readonly isKnown: boolean
  /** An instance died, and with it perhaps a fact in hand. */
  readonly hasDead: boolean
}

/**
 * Behind which position the module's durable must be made (anew), or `stay` where it stands right.
 *
 * 1. A durable belongs to the module, not to one process. While a sister lives it stays where it is, whatever a later instance's store
 *    says: the sister's acknowledgements are the truth, and a rewind would take facts out of her hands and tell them all again.
 * 2. Alone, the module's own store is the truth, ahead or behind: it was restored, or the bus was.
 * 3. A process that announces again may have a fact in hand, so that anything from the floor to the last delivery is right.
 *    Unless its store is as far as the last delivery and the server still waits: then the acknowledgement was lost with a dead server.
 * 4. A fact in the hands of a dead process would be waited for (`ack_wait`, 30 s): made anew, the durable gives it out at once. Not to a process
 *    that announces again: it may be that one's own fact, and a dead sister's is given out in another way (`dead-hands.ts`).
 */
export const placeFor = (claim: Claim): number | 'stay' => {
  const { found, hasSisters, isKnown, hasDead } = claim
  const own = ownPosition(claim)
  if (!found) return (hasSisters ? claim.remembered : undefined) ?? own ?? claim.remembered ?? firstPosition(claim)
  if (hasSisters) return 'stay'
  if (own !== undefined && !isRight(own, found, isKnown)) return own
  if (isKnown && own === found.delivered && found.underWay > 0) return own
  return hasDead && !isKnown && found.underWay > 0 ? (own ?? found.floor) : 'stay'
}

/**
 * What the module's own store claims. An empty one of a module that joins with what comes from now on claims nothing: it must not be told
 * the whole past.
 */
export const ownPosition = ({
  resumeAfter,
  hearsFrom,
}: Pick<Claim, 'resumeAfter' | 'hearsFrom'>): number | undefined =>
  resumeAfter === 0 && hearsFrom === 'now' ? undefined : resumeAfter

/** `now` is the ledger's end and not the stream's: what the relay has still to tell was there before. */
const firstPosition = ({ hearsFrom, head }: Claim) => (hearsFrom === 'start' ? 0 : head)

const isRight = (own: number, found: NonNullable<Claim['found']>, isKnown: boolean) =>
  isKnown ? found.floor <= own && own <= found.delivered : own === found.floor
