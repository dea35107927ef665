/** Somebody who was started and can be stopped. */
export interface Member {
  readonly stop: () => Promise<void>
}

/** Who was started, in that order. */
export interface Crew {
  /** Throws where one of that name is there already: nobody is started twice. */
  readonly add: <M extends Member>(name: string, member: M) => M
  readonly names: () => readonly string[]
  /** Stops one and lets it go, whether it stops well or not; the failure is thrown. Nothing for one who is not there. */
  readonly stop: (name: string) => Promise<void>
  /** Stops everybody, the last one first, each when the one before has stopped. One who fails is said, and keeps nobody else. */
  readonly stopAll: () => Promise<void>
}

export const makeCrew = (say: (line: string, level: 'error') => void): Crew => {
  const members = new Map<string, Member>()
  const stop = async (name: string): Promise<void> => {
    const member = members.get(name)
    try {
      await member?.stop()
    } finally {
      members.delete(name)
    }
  }
  return {
    add: (name, member) => {
      if (members.has(name)) throw new Error(`${name} was started already`)
      members.set(name, member)
      return member
    },
    names: () => [...members.keys()],
    stop,
    stopAll: async () => {
      for (const name of [...members.keys()].toReversed())
        await stop(name).catch((error: Error) => say(`${name} could not be stopped: ${error.message}`, 'error'))
    },
  }
}
