import { type Config, readConfig } from './notices.ts'

/** What the kernel keeps for this module, and where each was said. */
export interface Kept {
  readonly values?: Readonly<Record<string, unknown>>
  readonly origins?: Readonly<Record<string, string>>
}

/** What is in force: what the kernel keeps lies over what the process was given, and that over the default. */
export interface WhatIsSet {
  readonly config: Config
  /** For the operator, with each announce. */
  readonly shown: readonly object[]
  /** Why what was kept last is not in force. */
  readonly refused: string | undefined
  /** How often something was to be put in force. */
  readonly turns: number
  /** Undefined: the kernel keeps nothing. Gives why it cannot be taken; then everything stays as it was. */
  take(kept: Kept | undefined): string | undefined
}

const KEY = 'fromCents'

/** Throws words for the operator where what was given is of no use. */
export const openWhatIsSet = (given: Readonly<Record<string, unknown>>, givenOrigin: string): WhatIsSet => {
  let config = readConfig(given)
  let kept: Kept = {}
  let refused: string | undefined
  let turns = 0

  const origin = () => {
    if (Object.hasOwn(kept.values ?? {}, KEY)) return kept.origins?.[KEY] ?? 'the kernel'
    return Object.hasOwn(given, KEY) ? givenOrigin : 'default'
  }

  return {
    get config() {
      return config
    },
    get shown() {
      return [{ key: KEY, value: config.fromCents, origin: origin(), secret: false }]
    },
    get refused() {
      return refused
    },
    get turns() {
      return turns
    },
    take(next = {}) {
      turns += 1
      try {
        config = readConfig({ ...given, ...next.values })
        kept = next
        refused = undefined
      } catch (error) {
        refused = (error as Error).message
      }
      return refused
    },
  }
}
