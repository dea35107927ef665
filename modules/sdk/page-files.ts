import { fileFor, type Manifest } from '@recyclique/contracts'
import { ModuleError } from './errors.ts'
import type { Bundle } from './list-bundle.ts'

type Paged = { readonly manifest: Manifest; readonly bundle: Bundle | undefined }

/** Throws a `ModuleError` where the manifest lists a page that nobody would answer, or a route that a file stands in front of. */
export const checkPages = ({ manifest, bundle }: Paged): void => {
  const { pages = [], routes = [] } = manifest
  const files = bundle?.files ?? new Map()
  const isRouted = (path: string) => routes.some((route) => route.method === 'GET' && route.path === path)
  for (const { path, icon } of pages) {
    if (!isRouted(path) && !fileFor(files, pages, path.slice(1))) throw new ModuleError('page-nothing', { path })
    if (icon !== undefined && !files.has(icon.slice(1))) throw new ModuleError('icon-nothing', { path, icon })
  }
  if (!bundle) return
  for (const { method, path } of routes)
    if (method === 'GET' && fileFor(files, [], path.slice(1))) throw new ModuleError('route-hidden', { path })
}
