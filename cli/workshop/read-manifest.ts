import { readFile } from 'node:fs/promises'
import { Manifest, Misfit, parse, parseJson } from '@recyclique/contracts'
import { isRange } from './ranges.ts'

/** What a manifest's file says, or why it cannot be taken; undefined where there is none. */
export type ReadManifest = { readonly manifest: Manifest } | { readonly why: string }
export type ManifestReader = (file: string) => Promise<ReadManifest | undefined>

/** Reads a manifest anew. Every flaw is named with its field, not only the first. */
export const readManifest: ManifestReader = async (file) => {
  const text = await readFile(file, 'utf8').catch(unlessMissing)
  return text === undefined ? undefined : takeManifest(text, file)
}

export const takeManifest = (text: string, file: string): ReadManifest => {
  try {
    const manifest = parseJson(Manifest, text, file)
    const why = rangeFlaws(manifest)
      .map(([field, words]) => `${field} ${words}`)
      .join('; ')
    return why === '' ? { manifest } : { why: `${file}: ${why}` }
  } catch (error) {
    if (error instanceof Misfit) return { why: error.message }
    throw error
  }
}

/** A manifest that somebody kept: the same gate as for one that is read. Undefined where it no longer fits. */
export const retakeManifest = (kept: unknown): Manifest | undefined => {
  try {
    return parse(Manifest, kept, 'kept manifest')
  } catch {
    return undefined
  }
}

/** The schema takes any text for a range: whether it is one only a reader of ranges knows. */
export const rangeFlaws = ({
  kernel,
  requires = {},
  optional = {},
  conflicts = {},
}: Manifest): [field: string, why: string][] => {
  const all: [field: string, range: string][] = [['/kernel', kernel]]
  for (const [field, ranges] of Object.entries({ requires, optional, conflicts }))
    for (const [name, range] of Object.entries(ranges)) all.push([`/${field}/${name}`, range])
  return all
    .filter(([, range]) => !isRange(range))
    .map(([field, range]) => [field, `says '${range}': write a range of versions such as ^1.2`])
}

const unlessMissing = (error: NodeJS.ErrnoException): undefined => {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
  throw error
}
