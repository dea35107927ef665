import { BusAway, type BusState, type FactMessage, type FactStream } from '../../kernel/bus/port.ts'

/**
 * What happens at one publish: `keep` as it should be · `lose-ack` kept, the answer lost · `lose` never arrived · `refuse` the
 * server says no · `again` it arrives twice · `cut` the connection is gone (and back) · `wipe` the stream is deleted before ·
 * `strange` another hand puts a message there first.
 */
export type Happening = 'keep' | 'lose-ack' | 'lose' | 'refuse' | 'again' | 'cut' | 'wipe' | 'strange'

/**
 * The port in memory, with the server's promises: nothing but the next in order, and the same id once. Messages are kept in
 * the turn in which they are sent, and acknowledged in a later one, so that many are under way.
 */
export const scriptedBus = (script: Happening[] = []) => {
  let kept: FactMessage[] | undefined
  let state: BusState = { is: 'connected', server: 'scripted', reduced: false }
  let makings = 0
  const listeners = new Set<(state: BusState) => void>()
  const become = (next: BusState) => {
    state = next
    for (const hear of [...listeners]) hear(next)
  }
  const goAway = () => become({ is: 'away', why: 'the cable is out' })
  const comeBack = () => become({ is: 'connected', server: 'scripted', reduced: false })

  const keep = (message: FactMessage): number => {
    const there = kept?.findIndex(({ id }) => id === message.id) ?? -1
    if (there >= 0) return there + 1
    if (!kept) throw new Error('no stream')
    if (kept.length !== message.position - 1) throw new Error(`wrong last sequence: ${kept.length}`)
    if (message.follows !== undefined && kept.at(-1)?.id !== message.follows) throw new Error('wrong last id')
    return kept.push(message)
  }
  const happen = (what: Happening, message: FactMessage): number => {
    if (what === 'refuse') throw new Error('insufficient storage')
    if (what === 'lose') throw new Error('timeout')
    if (what === 'wipe') kept = undefined
    if (what === 'cut') {
      goAway()
      setImmediate(comeBack)
      throw new BusAway('the cable is out')
    }
    if (what === 'strange') kept?.push({ ...message, id: 'strange', headers: {} })
    const sequence = keep(message)
    if (what === 'again') keep(message)
    if (what === 'lose-ack') throw new Error('timeout')
    return sequence
  }

  const stream: FactStream = {
    async end() {
      if (state.is !== 'connected') throw new BusAway('the cable is out')
      return kept && { sequence: kept.length, hash: kept.at(-1)?.headers['rq-hash'] ?? '' }
    },
    async make() {
      makings += 1
      kept ??= []
    },
    async publish(message) {
      if (state.is !== 'connected') throw new BusAway('the cable is out')
      const settle = attempt(() => happen(script.shift() ?? 'keep', message))
      await new Promise((resolve) => setImmediate(resolve))
      return settle()
    },
  }
  return {
    stream,
    get state() {
      return state
    },
    get isConnected() {
      return state.is === 'connected'
    },
    onStatus(hear: (state: BusState) => void) {
      listeners.add(hear)
      return () => listeners.delete(hear)
    },
    goAway,
    comeBack,
    wipe() {
      kept = undefined
    },
    put(messages: FactMessage[]) {
      kept = [...messages]
    },
    get kept() {
      return kept ?? []
    },
    get makings() {
      return makings
    },
  }
}

/** Runs it now; says later how it went. */
const attempt = <T>(work: () => T): (() => T) => {
  try {
    const result = work()
    return () => result
  } catch (error) {
    return () => {
      throw error
    }
  }
}
