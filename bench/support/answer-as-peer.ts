import { peerNamed } from '../peers/hooks-all.ts'
import { endWithParent } from './children.ts'
import type { Place } from './hook-server.ts'

/** The process of one answerer of a peer: `PEER`, `NTH` and `PLACE` say which and where. */
endWithParent()
const peer = await peerNamed(process.env.PEER ?? '')
await peer.answer(JSON.parse(process.env.PLACE ?? '{}') as Place, Number(process.env.NTH))
process.send?.('ready')
