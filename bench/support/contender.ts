import type { Place } from './hook-server.ts'
import type { SmallSale } from './small-sale.ts'

/** One who asks answerers in other processes, by number from 1. Both sides write and read JSON. */
export interface Asker {
  ask(nth: number, sale: SmallSale): Promise<unknown>
  close(): Promise<void>
}

/** A peer: how it asks, and how a process of its own answers. */
export interface Peer {
  readonly name: string
  /** Resolves when all answerers can be asked. */
  open(place: Place, answerers: number): Promise<Asker>
  /** Resolves when it can be asked. */
  answer(place: Place, nth: number): Promise<void>
}
