import { type Static, Type } from '@sinclair/typebox'
import { OneOf } from './text.ts'

/**
 * What a module's process reaches beyond the bus. Where a name is known only from what is set for the module, it is written
 * `config:<key>`: the operator grants that, and reads in the configuration what it comes to.
 */
const SETTING = 'config:[A-Za-z][A-Za-z0-9_-]{0,63}'
const HOST = '(?:[a-z0-9](?:[a-z0-9.-]{0,126}[a-z0-9])?|\\[[0-9a-f:.]{2,45}\\])'
const PORT = '(?:0|[1-9][0-9]{0,4})'

/** `paheko.example:443`, `paheko.example` (any port), `*.example`, `config:url` (host and port of the address that is set there), `*` (everywhere). */
export const NetName = Type.String({
  pattern: `^(?:\\*|${SETTING}|(?:\\*\\.)?${HOST}(?::${PORT})?)$`,
  maxLength: 200,
  description: 'a host such as paheko.example or paheko.example:443, *.example, config:<key>, or * for every host',
})

/** `8765` (for this machine alone), `*:8765` (for whoever reaches it), `config:port`, `*:config:port`. */
export const ListenName = Type.String({
  pattern: `^(?:\\*:)?(?:${SETTING}|${PORT})$`,
  maxLength: 80,
  description: 'a port such as 8765, config:<key>, or with *: in front for more than this machine',
})

/** `/srv/labels` (it reads and writes below it), `read:/srv/prices` (it only reads), `config:folder`. */
export const FsName = Type.String({
  pattern: `^(?:read:)?(?:${SETTING}|/[^\\u0000-\\u001f]*|[A-Za-z]:[\\\\/][^\\u0000-\\u001f]*)$`,
  maxLength: 200,
  description: 'a whole path such as /srv/labels, read:/srv/prices, or config:<key>',
})

/** What Node holds back of itself: other programs, threads, libraries of machine code, WASI. Whatever is started so is held by nothing of ours. */
export const RunsName = OneOf('programs', 'threads', 'addons', 'wasi')
export type RunsName = Static<typeof RunsName>

/** Megabytes that a process may hold in memory. */
export const MemoryMb = Type.Integer({ minimum: 128, maximum: 65_536 })

/** What a module's process may hold where neither its manifest nor the installation says anything. */
export const USUAL_MEMORY_MB = 384
