import type { Pending } from '../bus/port.ts'

/** One process of a module, as far as asking goes. */
export interface Peer {
  readonly id: string
  /** It may be given new work: it is admitted, heard of, and does not drain. */
  readonly isAskable: boolean
  /** It wants no new work and still answers: for calls that were begun with it while nobody else of its version is there. */
  readonly isLeaving: boolean
  /** Questions of ours that it has not answered. Whoever finds it dead drops them all. */
  readonly pending: Set<Pending>
  /** When it was last silent until a deadline, milliseconds since 1970; 0: never. A question that is asked again goes elsewhere. */
  silentAt: number
}

/** The processes of one version of a module. A plan that was frozen before an upgrade goes on asking the old ones. */
export interface PeerGroup {
  readonly module: string
  readonly version: string
  peers(): Iterable<Peer>
  /** The server said that this one does not hear. It gets no new work until it shows itself again. */
  unheard(peer: Peer): void
}
