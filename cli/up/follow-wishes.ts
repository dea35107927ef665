import { isDeepStrictEqual } from 'node:util'
import { apiAt } from '../api.ts'
import { handOver } from '../wanted.ts'
import { isStartable } from './find-modules.ts'
import { makeFollower } from './follow.ts'
import type { Hold } from './hold.ts'
import type { KeptModules } from './kept-module.ts'
import type { Run } from './run.ts'
import { setUpCentre } from './set-up-centre.ts'
import type { Bus } from './start-bus.ts'
import { takeTurns } from './take-turns.ts'
import { watchFiles } from './watch-files.ts'
import type { Wishes } from './wishes.ts'

type FollowWishes = { run: Run; bus: Bus; kernelUrl: string; hold: Hold; kept: KeptModules; wishes: Wishes }

/** From now on what runs follows what is wanted: the configuration, and the modules that are added, upgraded and removed. */
export const followWishes = async ({ run, bus, kernelUrl, hold, kept, wishes }: FollowWishes): Promise<void> => {
  const { screen } = run
  const { put, follow } = makeFollower({ run, bus, kernelUrl, hold, kept })
  let before = await wishes.look()
  const turns = () => takeTurns({ home: wishes.home, kept, put, say: screen.say })
  const inTurn = oneAtATime()
  const act = async (): Promise<void> => {
    await turns()
    const now = await wishes.look()
    for (const one of now.modules)
      if (!isStartable(one) && !before.modules.some((old) => isDeepStrictEqual(old, one)))
        screen.say(`${one.name} is not started: ${one.why}`, 'warn')
    if (!isDeepStrictEqual(now.config, before.config))
      for (const done of await setUpCentre(apiAt(kernelUrl), bus.prepared.site, now.config)) screen.say(done)
    before = now
    await follow(now, await handOver(apiAt(kernelUrl), now.wanted))
  }
  /** With other limits than it was started with: a decision, or a setting that stands for a host, a port or a path. */
  const startAnew = async (name: string): Promise<void> => {
    const running = kept.get(name)
    if (!running) return
    screen.say(`${name}: what it may have of this machine has changed; it is started anew`)
    // Whoever develops it has a hand on its keeper.
    await (run.options.dev ? running.keeper.renew() : put(running, running.module()))
  }
  hold.onChange((name) => inTurn(() => startAnew(name)))
  run.closeFirst(await watchFiles({ paths: wishes.files, act: () => inTurn(act), say: screen.say }))
  // Somebody may have asked for an upgrade while everything started, or before a start that was cut off.
  await inTurn(turns)
}

/** Who is put in the place of whom is decided by one alone. */
const oneAtATime = () => {
  let last: Promise<unknown> = Promise.resolve()
  return <T>(act: () => Promise<T>): Promise<T> => {
    const one = last.then(act)
    last = one.catch(() => {})
    return one
  }
}
