import { type Change, put } from '../store/table.ts'

/**
 * Free text and names never enter a fact: they stand in `personal`, by the id of the thing that they belong to, and can be
 * erased without touching the chain. Gives nothing for no text.
 */
export const personal = (ref: string, kind: string, text: string | undefined, writtenAt: string): Change[] =>
  text === undefined ? [] : [put('personal', { ref, kind, text, written_at: writtenAt })]
