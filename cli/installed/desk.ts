import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { InstalledModule, InstalledVersion, Manifest, ModuleView } from '@recyclique/contracts'
import { apiAt } from '../api.ts'
import { CannotDo } from '../bad-use.ts'
import { type FoundModule, isStartable, type StartableModule, type Survey, surveyModules } from '../up/find-modules.ts'
import { holderOf } from '../up/lock.ts'
import { addressOf, runFiles } from '../up/run-file.ts'
import { settled } from '../up/take-turns.ts'
import { planStart } from '../workshop/order.ts'
import { gt, isInAll } from '../workshop/ranges.ts'
import { layBundle } from './bundle.ts'
import { growthOf } from './growth.ts'
import { installedHome } from './home.ts'
import { changeOne, readIndex } from './index-file.ts'
import { type Laid, layReady } from './install.ts'
import { readSource, type Source } from './obtain.ts'
import { during } from './progress.ts'
import type { Trust } from './signature.ts'

/** Where modules are added to an installation, upgraded and taken from it, whether it runs or not. */
type Desk = {
  data: string
  /** Asked before a version is granted more rights than the one before. Throws where the operator does not agree. */
  agree: (name: string, rights: readonly string[]) => Promise<void>
  /** Whose modules are taken; nobody looks where nothing is said. */
  trust?: Trust
}

/** How it went: the version that is in force now, and where the module stands when everything runs. */
export interface Outcome {
  readonly name: string
  readonly manifest: Manifest
  /** Who of those that are trusted has signed it. */
  readonly signedBy?: string | undefined
  readonly view: ModuleView | undefined
}

export const openDesk = ({ data, agree, trust }: Desk) => {
  const home = installedHome(data)
  const isRunning = async () => (await holderOf(runFiles(data).lock)) !== undefined
  // What the configuration says is not asked here: a slip of the pen in it must not keep anybody from mending a module.
  const survey = () => surveyModules({ home, keeper: { read: async () => undefined } })

  /** What is in force under a name: what was installed, else what the program brings. */
  const inForce = async (name: string): Promise<StartableModule | undefined> =>
    (await survey()).there.filter(isStartable).find((one) => one.name === name)

  /** Lays it ready, and takes it away again where `use` finds that it cannot be used. */
  const withLaid = async <T>(source: Source, use: (laid: Laid) => Promise<T>): Promise<T> => {
    const laid = await layReady(home, source, trust)
    try {
      return await use(laid)
    } catch (error) {
      await removeFolders([laid.as.folder])
      throw error
    }
  }

  /** Folders that nothing in the index names any more. */
  const removeFolders = async (folders: readonly string[]): Promise<void> => {
    const named = new Set(Object.values(await readIndex(home)).flatMap(foldersOf))
    for (const folder of folders) if (!named.has(folder)) await rm(join(home, folder), { recursive: true, force: true })
  }

  /** Everything in a bundle; what is here in that version or a newer one is left as it is. Without a network. */
  const addBundle = async (file: string): Promise<{ outcomes: Outcome[]; left: string[] }> => {
    const outcomes: Outcome[] = []
    const left: string[] = []
    const all = await layBundle(home, file, trust)
    try {
      for (const laid of all) {
        const present = await inForce(laid.name)
        const blocked = await whyBlocked(laid.name, laid.manifest.version)
        if (blocked !== undefined) left.push(blocked)
        else if (present === undefined || gt(laid.manifest.version, present.manifest.version))
          outcomes.push(await takeLaid(laid, present))
        else left.push(`${laid.name} ${present.manifest.version} is here already: ${laid.manifest.version} is left out`)
      }
      return { outcomes, left }
    } finally {
      await removeFolders(all.map(({ as }) => as.folder))
    }
  }

  /** Where something runs the kernel knows what an operator forbids; where nothing does, it keeps that out when it starts. */
  const whyBlocked = async (name: string, version: string): Promise<string | undefined> => {
    const url = await addressOf(data)
    const view = url === undefined ? undefined : await viewOf(url, name)
    if (view?.blocked)
      return `${name} is blocked here${reasonsOf(view)}: \`recyclique modules unblock ${name}\` lets it in`
    const block = view?.blockedVersions?.find(({ versions }) => isInAll(version, versions))
    if (!block) return undefined
    const why = block.reason === undefined ? '' : ` (${block.reason})`
    return `${name} ${version} is blocked here: ${block.by} forbade ${block.versions}${why}. \`recyclique modules unblock ${name} --versions '${block.versions}'\` lets it in`
  }

  const refuseBlocked = async (name: string, version: string): Promise<void> => {
    const why = await whyBlocked(name, version)
    if (why !== undefined) throw new CannotDo(why)
  }

  const takeLaid = async (laid: Laid, present: StartableModule | undefined): Promise<Outcome> => {
    const { name, manifest, as } = laid
    await refuseBlocked(name, manifest.version)
    if (present) {
      const rights = growthOf(present.manifest, manifest)
      if (rights.length > 0) await agree(name, rights)
      await swap(name, as, rights)
    } else await changeOne(home, name, () => ({ inForce: as }))
    return { name, manifest, signedBy: as.signedBy, view: await arrived(name, manifest.version) }
  }

  const add = (source: Source): Promise<Outcome> =>
    withLaid(source, async ({ name, manifest, as }) => {
      const index = await readIndex(home)
      const there = index[name]?.inForce
      if (there?.folder === as.folder) throw new CannotDo(`${name} ${as.version} is installed already`)
      const present = there ?? (await inForce(name))?.manifest
      if (present)
        throw new CannotDo(
          `${name} is here in version ${present.version}: type \`recyclique modules upgrade ${name} …\``,
        )
      refuseCircle((await survey()).there, manifest, home)
      return takeLaid({ name, manifest, as }, undefined)
    })

  const upgrade = async (name: string, typed: string | undefined, registry: string | undefined): Promise<Outcome> => {
    const before = await inForce(name)
    if (!before) throw new CannotDo(`there is no module ${name}: type \`recyclique modules add …\``)
    const known = (await readIndex(home))[name]?.inForce
    if (typed === undefined && !known)
      throw new CannotDo(
        `${name} came with the program: say what to take in its stead, a folder, an archive or a package`,
      )
    const source = await readSource(typed ?? known?.source ?? '', registry ?? known?.registry)
    return withLaid(source, async ({ name: found, manifest, as }) => {
      if (found !== name) throw new CannotDo(`that is ${found} ${manifest.version}, not ${name}`)
      refuseVersion(before.manifest, manifest, known?.folder === as.folder)
      refuseCircle((await survey()).there, manifest, home)
      return takeLaid({ name, manifest, as }, before)
    })
  }

  const rollback = async (name: string): Promise<Outcome> => {
    const before = (await readIndex(home))[name]?.before
    if (!before) throw new CannotDo(`there is no version of ${name} before the one in force`)
    await refuseBlocked(name, before.version)
    await swap(name, before)
    const found = await inForce(name)
    if (!found) throw new CannotDo(`${name} ${before.version} is in force, but cannot be read: add it anew`)
    return { name, manifest: found.manifest, view: await arrived(name, before.version) }
  }

  /** Another version in the place of the one in force. Throws why where it did not come about; then everything is as it was. */
  const swap = async (name: string, as: InstalledVersion, rights: readonly string[] = []): Promise<void> => {
    const { failed: _, ...old } = (await readIndex(home))[name] ?? {}
    await changeOne(home, name, () => ({ ...old, coming: as }))
    const now = await during(`${name} ${as.version} is to take over`, () => decided(name, as, rights))
    await removeFolders([...foldersOf(old), as.folder])
    if (now.inForce?.folder !== as.folder)
      throw new CannotDo(
        `${name} stays as it was. ${as.version}: ${now.failed?.why ?? 'somebody else changed it meanwhile'}`,
      )
  }

  /** What runs tries it and says so in the index; where nothing runs there is nothing to try. */
  const decided = async (name: string, as: InstalledVersion, rights: readonly string[]): Promise<InstalledModule> => {
    for (let isGranted = rights.length === 0; ; ) {
      const now = (await readIndex(home))[name] ?? {}
      if (now.coming?.folder !== as.folder) return now
      if (!(await isRunning())) await changeOne(home, name, (module) => settled(module, as.folder))
      else await wait(LOOK_MS)
      if (!isGranted) isGranted = await granted(name, rights)
    }
  }

  /** The kernel takes a grant once the new version has asked for it; until it has been granted, that one waits. */
  const granted = async (name: string, rights: readonly string[]): Promise<boolean> => {
    const url = await addressOf(data)
    if (url === undefined) return false
    const reason = 'Agreed to when it was upgraded.'
    return apiAt(url)
      .put(`/v1/modules/${name}/grants`, { body: { rights, reason }, key: randomUUID() })
      .then(
        () => true,
        () => false,
      )
  }

  const remove = async (name: string): Promise<{ isThereStill: FoundModule | undefined }> => {
    const { [name]: module, ...others } = await readIndex(home)
    const { there } = await survey()
    if (!module)
      throw new CannotDo(
        there.some((one) => one.name === name)
          ? `${name} came with the program: write \`{ name: ${name}, enabled: false }\` into recyclique.yaml to have it rest`
          : `there is no module ${name}; there are ${Object.keys(others).join(', ') || 'none that were added'}`,
      )
    const needed = there.filter(isStartable).filter(({ manifest }) => Object.hasOwn(manifest.requires ?? {}, name))
    if (needed.length > 0) throw new CannotDo(`${name} is needed by ${needed.map((one) => one.name).join(', ')}`)
    await changeOne(home, name, () => undefined)
    const url = await addressOf(data)
    if (url !== undefined) await during(`${name} finishes what it has in hand`, () => gone(url, name))
    await removeFolders(foldersOf(module))
    const isThereStill = await inForce(name)
    // Its account goes with it: nobody comes onto the bus by what it leaves behind.
    if (url !== undefined && !isThereStill)
      await apiAt(url).delete(`/v1/modules/${name}/account`, { key: randomUUID() })
    return { isThereStill }
  }

  /** Where it stands once it is at work, or after a while; undefined where nothing runs. */
  const arrived = async (name: string, version: string): Promise<ModuleView | undefined> => {
    const url = await addressOf(data)
    if (url === undefined) return undefined
    const look = () => viewOf(url, name)
    return during(`${name} ${version} is coming up`, async () => {
      const isThere = (view: ModuleView | undefined) => view?.version === version && SETTLED.has(view.state)
      return untilSo(look, isThere, ARRIVES_MS)
    })
  }

  const gone = async (url: string, name: string): Promise<void> => {
    const isGone = (view: ModuleView | undefined) => !view?.instances.some(({ state }) => state !== 'gone')
    await untilSo(() => viewOf(url, name), isGone, ARRIVES_MS)
  }

  return { home, add, addBundle, upgrade, rollback, remove }
}

const LOOK_MS = 150
const ARRIVES_MS = 20_000

/** Nothing more is to be expected in the next seconds. */
const SETTLED: ReadonlySet<ModuleView['state']> = new Set(['active', 'rejected', 'blocked', 'disabled'])

const viewOf = (url: string, name: string): Promise<ModuleView | undefined> =>
  apiAt(url)
    .get<ModuleView>(`/v1/modules/${name}`)
    .catch(() => undefined)

const reasonsOf = ({ reasons }: ModuleView): string => (reasons.length > 0 ? ` (${reasons.join(' ')})` : '')

const untilSo = async <T>(look: () => Promise<T>, isSo: (seen: T) => boolean, withinMs: number): Promise<T> => {
  const until = Date.now() + withinMs
  for (;;) {
    const seen = await look()
    if (isSo(seen) || Date.now() > until) return seen
    await wait(LOOK_MS)
  }
}

export const foldersOf = ({ inForce, before, coming }: InstalledModule): string[] =>
  [inForce, before, coming].flatMap((one) => one?.folder ?? [])

const refuseVersion = (before: Manifest, after: Manifest, isSame: boolean): void => {
  const { name, version } = before
  if (isSame) throw new CannotDo(`${name} ${version} is in force already`)
  if (version === after.version)
    throw new CannotDo(`${name} ${version} is in force with other content: give the new one a version of its own`)
  if (gt(version, after.version))
    throw new CannotDo(
      `${name} ${version} is in force, and ${after.version} is older: \`recyclique modules rollback ${name}\` goes back`,
    )
}

/** The kernel would refuse all of them; here it can still be said before anything is changed. */
const refuseCircle = (there: Survey['there'], manifest: Manifest, folder: string): void => {
  const others = there.filter(isStartable).filter(({ name }) => name !== manifest.name)
  const { refused } = planStart([...others, { name: manifest.name, folder, entry: '', manifest }])
  const own = refused.find(({ module }) => module.name === manifest.name)
  if (own) throw new CannotDo(`${manifest.name} is not installed: ${own.why}`)
}
