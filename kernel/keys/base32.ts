const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** RFC 4648 base32 without padding, as NATS writes its keys and ids. */
export const toBase32 = (bytes: Uint8Array): string => {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  return (bits.match(/.{1,5}/g) ?? []).map((five) => ALPHABET[Number.parseInt(five.padEnd(5, '0'), 2)]).join('')
}

/** The way back. Throws a `RangeError` for a character that is none of the 32; bits that make no whole byte are dropped. */
export const fromBase32 = (text: string): Buffer => {
  const bits = [...text].map((character) => indexOf(character).toString(2).padStart(5, '0')).join('')
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((eight) => Number.parseInt(eight, 2)))
}

const indexOf = (character: string): number => {
  const index = ALPHABET.indexOf(character)
  if (index < 0) throw new RangeError('no base32')
  return index
}
