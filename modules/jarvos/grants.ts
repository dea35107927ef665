/** Everything that only reads. */
export const READ = 'read'

const GRANT = /^(?:read|[a-z][a-z0-9-]{0,31}|[a-z][a-z0-9-]{0,23}_(?:\*|[a-z][a-z0-9-]{0,31}))$/

/** `read,record-weighing,barcodes_*` → what a token may use; `read` where nothing is said. Throws an `Error` that names the bad word. */
export const readGrants = (text = ''): string[] => {
  const words = text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')
  const bad = words.find((word) => !GRANT.test(word))
  if (bad !== undefined)
    throw new Error(
      `'${bad.slice(0, 60)}' is no tool: write read, a tool's name such as record-weighing, or a module's tools as barcodes_*`,
    )
  return words.length === 0 ? [READ] : [...new Set(words)]
}

/** May a token with these grants use this tool? */
export const mayUse = (
  grants: readonly string[],
  { name, isReadOnly }: { readonly name: string; readonly isReadOnly: boolean },
): boolean =>
  grants.some(
    (grant) =>
      (grant === READ && isReadOnly) || grant === name || (grant.endsWith('_*') && name.startsWith(grant.slice(0, -1))),
  )
