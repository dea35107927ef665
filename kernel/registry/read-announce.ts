import { type Announce, Announce as AnnounceSchema, Misfit, parseJson } from '@recyclique/contracts'
import type { Rejection } from './party.ts'

/** The announce, or every flaw of it as a reason. */
export const readAnnounce = (text: string): Announce | string[] => {
  try {
    return parseJson(AnnounceSchema, text, 'announce')
  } catch (error) {
    if (!(error instanceof Misfit)) throw error
    return error.flaws.map(({ field, why }) => `${field || 'The announce'} ${why}.`)
  }
}

/** What a manifest that was not let in says of itself, as far as that can be read: for the list only. */
export const claimed = (text: string): Omit<Rejection, 'reasons'> => {
  const unread = { version: '0.0.0', description: '' }
  try {
    const { manifest } = JSON.parse(text) as { manifest?: { version?: unknown; description?: unknown } }
    const word = (value: unknown, otherwise: string, most: number) =>
      typeof value === 'string' ? value.slice(0, most) : otherwise
    return {
      version: word(manifest?.version, unread.version, 64),
      description: word(manifest?.description, unread.description, 500),
    }
  } catch {
    return unread
  }
}
