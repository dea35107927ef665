import { join } from 'node:path'
import type { InstalledModule } from '@recyclique/contracts'
import { changeOne, readIndex } from '../installed/index-file.ts'
import { lookInto } from '../workshop/manifests.ts'
import { readManifest } from '../workshop/read-manifest.ts'
import { isStartable, type StartableModule } from './find-modules.ts'
import type { KeptModules } from './kept-module.ts'

type TakeTurns = {
  home: string
  kept: KeptModules
  /** Puts another version in the place of the one that runs; rejects with why. */
  put: (running: NonNullable<ReturnType<KeptModules['get']>>, next: StartableModule) => Promise<void>
  say: (line: string, level?: 'error') => void
}

/**
 * Every version that is to take the place of another one is tried, once. The index says afterwards which is in force, and why the other
 * one is not. Until then it counts for nothing: whoever starts meanwhile starts the old one.
 */
export const takeTurns = async ({ home, kept, put, say }: TakeTurns): Promise<void> => {
  for (const [name, { coming }] of Object.entries(await readIndex(home))) {
    if (!coming) continue
    const why = await tried(name, coming).catch((error: Error) => error.message)
    await changeOne(home, name, (now) => settled(now, coming.folder, why))
    if (why === undefined) say(`${name} ${coming.version} has taken over`)
    else say(`${name} stays as it was. ${coming.version}: ${why}`, 'error')
  }

  async function tried(name: string, { folder }: { folder: string }): Promise<undefined> {
    const next = await lookInto({ folder: join(home, folder), isPackage: true }, readManifest)
    if (!next || !isStartable(next)) throw new Error(next?.why ?? `there is no module in ${join(home, folder)}`)
    const running = kept.get(name)
    const { config, configOrigin } = running?.module() ?? {}
    if (running) await put(running, { ...next, config, configOrigin })
    return undefined
  }
}

/** The index's line once a version was tried: in force where nothing stood against it. Another one that came meanwhile is left alone. */
export const settled = (module: InstalledModule, folder: string, why?: string): InstalledModule => {
  const { inForce, before, coming } = module
  if (coming?.folder !== folder) return module
  if (why === undefined) return { inForce: coming, ...(inForce ? { before: inForce } : {}) }
  const failed = { version: coming.version, why, at: new Date().toISOString() }
  return { ...(inForce ? { inForce } : {}), ...(before ? { before } : {}), failed }
}
