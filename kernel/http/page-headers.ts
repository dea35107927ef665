/** What a browser is told a file is, by the end of its name. What is not known here is offered for download and never run. */
export const contentTypeOf = (path: string): string => {
  const end = /\.([a-z0-9]+)$/i.exec(path)?.[1]?.toLowerCase() ?? ''
  return Object.hasOwn(TYPES, end) ? (TYPES[end] as string) : 'application/octet-stream'
}

const text = (type: string) => `${type}; charset=utf-8`

const TYPES: Readonly<Record<string, string>> = {
  ...{ html: text('text/html'), js: text('text/javascript'), mjs: text('text/javascript'), css: text('text/css') },
  ...{ json: text('application/json'), map: text('application/json'), txt: text('text/plain'), csv: text('text/csv') },
  ...{ webmanifest: 'application/manifest+json', xml: text('application/xml'), pdf: 'application/pdf' },
  ...{ svg: 'image/svg+xml', png: 'image/png', jpg: 'image/jpeg', jpeg: 'image/jpeg', gif: 'image/gif' },
  ...{ webp: 'image/webp', avif: 'image/avif', ico: 'image/x-icon' },
  ...{ woff2: 'font/woff2', woff: 'font/woff', ttf: 'font/ttf', otf: 'font/otf' },
  ...{
    wasm: 'application/wasm',
    mp3: 'audio/mpeg',
    ogg: 'audio/ogg',
    wav: 'audio/wav',
    mp4: 'video/mp4',
    webm: 'video/webm',
  },
}

/** A name that bears the hash of its content is the same for ever; everything else is asked about each time, and mostly answered with 304. */
export const cachingOf = (path: string): string => (isHashed(path) ? 'public, max-age=31536000, immutable' : 'no-cache')

/**
 * Eight or more characters before the ending that look like nothing but a hash: hexadecimal with digits and letters, or digits with
 * letters of both cases. A hash that is not taken for one costs a question; a word that was would be shown for a year.
 */
export const isHashed = (path: string): boolean => {
  const word = /[.-]([A-Za-z0-9_]{8,64})(?:\.[a-z0-9]{1,12})+$/.exec(path)?.[1] ?? ''
  if (!/\d/.test(word)) return false
  return /^[0-9a-f]+$/.test(word) ? /[a-f]/.test(word) : /[a-z]/.test(word) && /[A-Z]/.test(word)
}

/** Does the browser have this very content already? */
export const isKnownTo = (ifNoneMatch = '', etag: string): boolean =>
  ifNoneMatch
    .split(',')
    .map((one) => one.trim().replace(/^W\//, ''))
    .some((one) => one === etag || one === '*')
