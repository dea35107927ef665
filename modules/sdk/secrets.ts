import { readFileSync } from 'node:fs'

/** What a reference leads to in this process. Read anew each time, so that a secret may be changed where it stands. Throws with what to do. */
export const secretAt = (reference: string, env: NodeJS.ProcessEnv = process.env): string => {
  const [, kind, place = ''] = /^(env|file):(.+)$/s.exec(reference) ?? []
  if (kind === 'env') {
    const found = env[place]
    if (found) return found
    throw new Error(`names the variable ${place}, which is not set in the module’s process`)
  }
  if (kind !== 'file') throw new Error('is no reference: write env:NAME or file:/path')
  try {
    return readFileSync(place, 'utf8').replace(/\r?\n$/, '')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new Error(`names the file ${place}, which the module’s process cannot read (${code})`, { cause })
  }
}
