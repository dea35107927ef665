import type { Run } from '../up/run.ts'
import type { startModules } from '../up/start-modules.ts'
import type { StartableModule } from '../workshop/manifests.ts'
import { makeWatchRoom } from '../workshop/watch.ts'
import { follow, type KeptModule } from './follow.ts'
import { makeInspector } from './inspector.ts'

type Watched = Pick<Parameters<typeof startModules>[1], 'onKept' | 'flagsFor'>

/** What `dev` adds to a run: nothing where no folder is developed. `begin` once everything was started. */
export const developing = (run: Run, linked: readonly StartableModule[]): { watched: Watched; begin: () => void } => {
  if (linked.length === 0) return { watched: {}, begin: () => {} }
  const { screen, crew, options } = run
  const names = linked.map(({ name }) => name)
  const inspector = makeInspector(names, screen.print)
  const isLinked = (name: string) => names.includes(name)
  const kept: KeptModule[] = []
  return {
    watched: {
      onKept: (module, keeper, again) => {
        if (isLinked(module.name)) kept.push({ module, keeper, again })
      },
      flagsFor: async ({ name, manifest }) =>
        options.dev?.inspects && isLinked(name) && !manifest.run ? inspector(name) : [],
    },
    begin: () => {
      const room = makeWatchRoom({ env: process.env, say: screen.say })
      // Stopped first: what changes while everything is stopped starts nothing.
      crew.add('watch', { stop: room.close })
      for (const one of kept) follow({ room, crew, say: screen.say }, one)
      screen.say(`watching ${linked.map(({ folder }) => folder).join(', ')}`)
    },
  }
}
