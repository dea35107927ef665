import type { Peer } from '../support/contender.ts'
import { bareMux, bareMuxAcrossAccounts } from './hooks-mux.ts'
import { stockRequest } from './hooks-stock.ts'

/** Loaded only by those who need them: a framework's weight is its own. */
const FRAMEWORKS: Readonly<Record<string, () => Promise<Peer>>> = {
  Moleculer: async () => (await import('./hooks-moleculer.ts')).moleculer,
  NestJS: async () => (await import('./hooks-nest.ts')).nest,
}

const PLAIN: Readonly<Record<string, Peer>> = Object.fromEntries(
  [stockRequest, bareMux, bareMuxAcrossAccounts].map((peer) => [peer.name, peer]),
)

export const PEERS = [...Object.keys(FRAMEWORKS), ...Object.keys(PLAIN)]

export const peerNamed = async (name: string): Promise<Peer> => {
  const peer = PLAIN[name] ?? (await FRAMEWORKS[name]?.())
  if (!peer) throw new RangeError(`there is no peer '${name}'; there are: ${PEERS.join(', ')}`)
  return peer
}
