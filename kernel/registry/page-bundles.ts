import { type Announce, type BundleClaim, fileFor, type Manifest } from '@recyclique/contracts'
import type { KeptBundle } from '../pages/bundle-folder.ts'
import { type AskForPart, BadBundle, fetchFile, fetchListing } from '../pages/fetch-bundle.ts'
import type { Shelf } from '../pages/shelf.ts'
import { inTurns } from './in-turns.ts'
import type { Shared } from './parts.ts'
import type { Instance, Party } from './party.ts'

type Parts = Pick<Shared, 'bus' | 'roster' | 'subjects' | 'settle' | 'log'> & { readonly shelf: Shelf | undefined }

/** A process that hands over its files has nothing else to do for it than to read them. */
const ANSWER_WITHIN_MS = 5_000
const AGAIN_MS = 5_000

/**
 * The pages of whoever was let in are brought onto the kernel's disk, and shown there. Nobody waits for it: a module answers its questions
 * at once, and shows its page a moment later; until then what it showed before stays. A bundle that is not what was announced is not shown, and
 * the module's list of reasons says why.
 *
 * One at a time, so that a crowd of modules cannot fill disk and bus.
 */
export const openPageBundles = ({ bus, roster, subjects, settle, log, shelf }: Parts) => {
  const inTurn = inTurns()
  const again = new Set<NodeJS.Timeout>()
  let isClosed = false

  const admitted = (party: Party, instance: Instance, said: Announce): void => {
    if (!shelf) return
    void inTurn('', () => bring(shelf, { party, instance, said })).catch((error: Error) =>
      failed(party, instance, error),
    )
  }

  type Bringing = { party: Party; instance: Instance; said: Announce }

  const bring = async (shelf: Shelf, { party, instance, said }: Bringing) => {
    const { bundle: claim, manifest } = said
    const { name: module, version, pages = [] } = manifest
    // Meanwhile another version may have taken over; of several majors the newest is shown.
    if (isClosed || roster.inside(module)[0] !== party) return
    const shown = shelf.of(module)
    const isShown = shown?.version === version && shown.bundle?.sha256 === claim?.sha256
    if (isShown && JSON.stringify(shown.pages) === JSON.stringify(pages)) return settled(party, undefined)
    if (instance.hasBadBundle) return
    // What is said of another process's files says nothing of these.
    settled(party, undefined)
    const bundle = claim && (shelf.find(claim.sha256) ?? (await fetched(shelf, { party, instance, claim })))
    checkPages(manifest, bundle)
    await shelf.show({ module, version, pages }, bundle)
    if (bundle) log.info({ module, version, bundle: bundle.sha256, files: bundle.files.size }, 'its pages are shown')
    settled(party, undefined)
  }

  const fetched = async (shelf: Shelf, { party, instance, claim }: Omit<Bringing, 'said'> & { claim: BundleClaim }) => {
    const subject = subjects.toModule(party.manifest.name, instance.id, 'page')
    const ask: AskForPart = async (call) => {
      if (isClosed) throw new Error('the kernel stops')
      return bus.ask(subject, JSON.stringify(call), { withinMs: ANSWER_WITHIN_MS, among: instance.pending })
    }
    const files = await fetchListing(ask, claim)
    return shelf.write(files, (file) => fetchFile(ask, claim.sha256, file))
  }

  /** A bad bundle stays bad until another process brings another. Silence passes: the process is asked to announce itself again. */
  const failed = (party: Party, instance: Instance, error: Error) => {
    const { name: module } = party.manifest
    if (isClosed) return
    if (error instanceof BadBundle) {
      instance.hasBadBundle = true
      log.warn({ module, instance: instance.id, reason: error.message }, 'the pages of a module are not shown')
      return settled(party, `Its pages are not shown: ${error.message}.`)
    }
    log.warn({ module, instance: instance.id, err: error }, 'the pages of a module could not be fetched; trying again')
    settled(party, `Its pages could not be fetched: ${error.message}. It is tried again.`)
    const timer = setTimeout(() => {
      again.delete(timer)
      bus.say(subjects.toModule(module, instance.id, 'control', 'announce'), '')
    }, AGAIN_MS)
    again.add(timer)
  }

  const settled = (party: Party, trouble: string | undefined) => {
    if (party.pageTrouble === trouble) return
    party.pageTrouble = trouble
    settle(party.manifest.name)
  }

  return {
    admitted,
    async close() {
      isClosed = true
      for (const timer of again) clearTimeout(timer)
      await inTurn.idle()
    },
  }
}

export type PageBundles = ReturnType<typeof openPageBundles>

/** Each page must be answered by something: a file, or a route of the module's. */
const checkPages = ({ pages = [], routes = [] }: Manifest, bundle: KeptBundle | undefined) => {
  const files = bundle?.files ?? new Map()
  for (const { path, icon } of pages) {
    const isRouted = routes.some((route) => route.method === 'GET' && route.path === path)
    if (!isRouted && !fileFor(files, pages, path.slice(1)))
      throw new BadBundle(`it lists the page ${path}, and has neither a file nor a GET route for it`)
    if (icon !== undefined && !files.has(icon.slice(1)))
      throw new BadBundle(`it gives the page ${path} the icon ${icon}, and has no such file`)
  }
}
