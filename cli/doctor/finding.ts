/** `ok`: as it should be. `warn`: it works, and somebody should look. `bad`: it does not work, or soon will not. */
export type Level = 'ok' | 'warn' | 'bad'

/** One thing that was looked at: what about, how it is, and what to do where it is not as it should be. */
export type Finding = { about: string; level: Level; words: string; remedy?: string }

/** What is looked at, and where. */
export type Place = {
  env: NodeJS.ProcessEnv
  data: string
  keys: string
  host: string
  port: number
  /** The kernel's address, where somebody said it. */
  url: string | undefined
  now: () => Date
}

/** Looks at one thing and says what it found; changes nothing. What it throws is a finding too. */
export type Check = { about: string; look: (place: Place) => Promise<Found[]> }

/** A finding, under the check's heading unless it has one of its own. */
export type Found = Omit<Finding, 'about'> & { about?: string }

export const ok = (words: string): Found => ({ level: 'ok', words })
export const warn = (words: string, remedy: string): Found => ({ level: 'warn', words, remedy })
export const bad = (words: string, remedy: string): Found => ({ level: 'bad', words, remedy })
