import { type Static, Type } from '@sinclair/typebox'
import { Line } from './text.ts'

const closed = { additionalProperties: false }

/** Letters and signs that mean the same in an address, in a listing and on every disk. No name begins with a dot. */
const SEGMENT = '[A-Za-z0-9_@~+-][A-Za-z0-9._@~+-]*'

/** A file's place in a bundle, without a slash at the front. */
export const BundlePath = Type.String({
  pattern: `^${SEGMENT}(?:/${SEGMENT})*$`,
  maxLength: 200,
  description: 'a path such as assets/app.js, of A-Z a-z 0-9 . _ @ ~ + and -, no name with a dot in front',
})

/** A place that people go to: it stands in the shell's navigation unless `nav` says no. */
export const ModulePage = Type.Object(
  {
    /** Below `/m/<module>`: a file of the bundle, or a GET route. One that is neither is shown by the bundle's `index.html`. */
    path: Type.String({
      pattern: `^/(?:${SEGMENT}(?:/${SEGMENT})*/?)?$`,
      maxLength: 128,
      description: 'a path such as / or /stock',
    }),
    title: Line(80, { minLength: 1 }),
    /** A picture in the bundle, as a path: `/icon.svg`. */
    icon: Type.Optional(Type.String({ pattern: `^/${SEGMENT}(?:/${SEGMENT})*$`, maxLength: 128 })),
    nav: Type.Optional(Type.Boolean()),
  },
  closed,
)
export type ModulePage = Static<typeof ModulePage>

const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$', description: 'a SHA-256 in lower-case hexadecimal' })

/** What a bundle may be. */
export const BUNDLE = { mostFiles: 2_000, mostBytes: 50_000_000, chunkBytes: 192 * 1024, listedAtOnce: 1_000 } as const

export const BundleFile = Type.Object({
  path: BundlePath,
  bytes: Type.Integer({ minimum: 0, maximum: BUNDLE.mostBytes }),
  sha256: Sha256,
})
export type BundleFile = Static<typeof BundleFile>

/** The files that a module hands over, in the announce: which and how many. The listing itself is asked for where it is new. */
export const BundleClaim = Type.Object({
  /** SHA-256 of the listing's text: see `listingText`. */
  sha256: Sha256,
  files: Type.Integer({ minimum: 1, maximum: BUNDLE.mostFiles }),
  bytes: Type.Integer({ minimum: 0, maximum: BUNDLE.mostBytes }),
})
export type BundleClaim = Static<typeof BundleClaim>

/** `page`: a part of the listing from the n-th file on, or a part of one file from a byte on. */
export const PageCall = Type.Object({
  /** Which bundle. */
  bundle: Sha256,
  want: Type.Union([
    Type.Object({ listingFrom: Type.Integer({ minimum: 0 }) }, closed),
    Type.Object({ file: Sha256, from: Type.Integer({ minimum: 0 }) }, closed),
  ]),
})
export type PageCall = Static<typeof PageCall>

export const PageAnswer = Type.Union([
  Type.Object({ files: Type.Array(BundleFile, { maxItems: BUNDLE.listedAtOnce }) }, closed),
  /** In base64: at least one byte, `BUNDLE.chunkBytes` at most. */
  Type.Object({ data: Type.String({ maxLength: BUNDLE.chunkBytes * 2 }) }, closed),
  Type.Object({ error: Type.String({ maxLength: 500 }) }, closed),
])
export type PageAnswer = Static<typeof PageAnswer>

/** A page as the API lists it for a shell. */
export const PageView = Type.Object({
  module: Type.String(),
  version: Type.String(),
  path: Type.String(),
  title: Type.String(),
  /** Where it is served. */
  href: Type.String(),
  icon: Type.Optional(Type.String()),
  /** The module is at work. A page of a bundle is there without it as well. */
  active: Type.Boolean(),
})
export type PageView = Static<typeof PageView>

/** The listing as one text, of which the bundle's hash is taken: a line a file, sorted by path, byte by byte. */
export const listingText = (files: readonly BundleFile[]): string =>
  files
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))
    .map(({ path, bytes, sha256 }) => `${sha256} ${bytes} ${path}\n`)
    .join('')

/**
 * The file that an address below `/m/<module>/` means: the file itself, the `index.html` of a folder, or, for a page that is listed
 * and has no file of its own, the bundle's `index.html`, whose script looks at the address itself.
 */
export const fileFor = <F>(
  files: ReadonlyMap<string, F>,
  pages: readonly ModulePage[],
  path: string,
): F | undefined => {
  const own = files.get(path === '' || path.endsWith('/') ? `${path}index.html` : path)
  return own ?? (pages.some((page) => sameAddress(page.path, `/${path}`)) ? files.get('index.html') : undefined)
}

const sameAddress = (a: string, b: string) => a.replace(/\/$/, '') === b.replace(/\/$/, '')
