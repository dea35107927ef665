import { open } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { type BundleFile, fileFor, type ModulePage, type PageView } from '@recyclique/contracts'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { KeptBundle } from '../pages/bundle-folder.ts'
import type { Shelved } from '../pages/shelf.ts'
import type { App } from './app.ts'
import { cachingOf, contentTypeOf, isHashed, isKnownTo } from './page-headers.ts'
import type { World } from './world.ts'

type Paged = Pick<World, 'pages' | 'modules' | 'log'>

/** What a shell shows in its navigation: the pages of every module that nobody ordered to rest. */
export const pageRoutes = (app: App, world: Paged): void => {
  app.get('/v1/pages', { schema: { tags: ['modules'] } }, () => {
    const states = new Map(world.modules.states().map(({ name, state }) => [name, state]))
    const shown = (world.pages?.all() ?? []).filter(({ module }) => !RESTING.has(states.get(module) ?? ''))
    return { items: shown.flatMap((one) => viewsOf(one, AT_WORK.has(states.get(one.module) ?? ''))) }
  })
}

const RESTING: ReadonlySet<string> = new Set(['disabled', 'blocked'])
const AT_WORK: ReadonlySet<string> = new Set(['active', 'degraded'])

const viewsOf = ({ module, version, pages }: Shelved, active: boolean): PageView[] =>
  pages.filter(({ nav }) => nav !== false).map((page) => viewOf(page, { module, version, active }))

const viewOf = ({ path, title, icon }: ModulePage, of: Pick<PageView, 'module' | 'version' | 'active'>): PageView => ({
  ...{ ...of, path, title, href: `/m/${of.module}${path}` },
  ...(icon === undefined ? {} : { icon: `/m/${of.module}${icon}` }),
})

/**
 * Answers a GET below `/m/<module>/` with a file of the module's bundle; undefined where it has none for it: then it is the module's own to
 * answer. The address is only ever looked up in the listing, and the content lies under its hash: no way of writing an address
 * leads to another file.
 */
export const sendPage = async (
  { pages, modules, log }: Paged,
  { request, reply, module, path }: { request: FastifyRequest; reply: FastifyReply; module: string; path: string },
): Promise<FastifyReply | undefined> => {
  const shelved = request.method === 'GET' || request.method === 'HEAD' ? pages?.of(module) : undefined
  const found = shelved && findIn(shelved, path)
  if (!found || isResting(modules, module)) return undefined
  if (found.is === 'folder') return reply.redirect(`/m/${module}/${path}/${queryOf(request)}`)
  const { file, bundle } = found
  const etag = `"${file.sha256.slice(0, 32)}"`
  reply.headers({ etag, 'cache-control': cachingOf(file.path), 'content-security-policy': POLICY })
  if (isKnownTo(request.headers['if-none-match'], etag)) return reply.code(304).send()
  reply.headers({ 'content-type': contentTypeOf(file.path), 'content-length': file.bytes })
  if (request.method === 'HEAD') return reply.send(Readable.from([]))
  // Opened first: a file that is not there must not become half an answer.
  const handle = await open(bundle.placeOf(file)).catch((err) => {
    log.warn({ err, module, file: file.path }, 'a file of a page is gone from the disk')
    throw err
  })
  return reply.send(handle.createReadStream())
}

/**
 * Scripts, styles and everything else from this kernel alone; no script in the text of a page. Styles may stand there, since the libraries
 * that pages are made with write them so; WebAssembly may run, since codes are read with it. Only the shell may put it in a frame.
 */
const POLICY = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "media-src 'self' blob:",
  "worker-src 'self' blob:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'self'",
].join('; ')

type Found = { is: 'file'; file: BundleFile; bundle: KeptBundle } | { is: 'folder' }

/** A browser that shows the version before may still ask for files whose name bears their hash. */
const findIn = ({ bundle, previous, pages }: Shelved, path: string): Found | undefined => {
  if (!bundle) return undefined
  if (path !== '' && !bundle.files.has(path) && bundle.files.has(`${path}/index.html`)) return { is: 'folder' }
  const file = fileFor(bundle.files, pages, path)
  if (file) return { is: 'file', file, bundle }
  const before = isHashed(path) ? previous?.files.get(path) : undefined
  return before && previous && { is: 'file', file: before, bundle: previous }
}

const isResting = (modules: World['modules'], module: string) =>
  modules.states().some(({ name, state }) => name === module && RESTING.has(state))

const queryOf = ({ url }: FastifyRequest) => {
  const at = url.indexOf('?')
  return at === -1 ? '' : url.slice(at)
}
