/** What can go wrong with keys. The code never changes; the words say who and what to do. */
const WORDS = {
  'keys-missing': 'there is no keyring in {folder}: run `recyclique keys init`',
  'keys-incomplete': 'the keyring in {folder} lacks {file}: run `recyclique keys init` to complete it',
  'keys-damaged': '{file} in {folder} is damaged or belongs to another keyring: restore the folder from a backup',
  'keys-lost': '{file} is gone from {folder}, and what it signed is still there: restore the folder from a backup',
  'keys-other-site': 'the keyring in {folder} was made for site {found}, not for {site}',
  'account-refused': 'the server did not take account {name}: {reason}',
} as const

export type KeysErrorCode = keyof typeof WORDS

export class KeysError extends Error {
  readonly code: KeysErrorCode
  constructor(code: KeysErrorCode, holes: Record<string, string>, options?: ErrorOptions) {
    super(
      WORDS[code].replace(/\{(\w+)\}/g, (_, hole: string) => holes[hole] ?? '?'),
      options,
    )
    this.name = 'KeysError'
    this.code = code
  }
}
