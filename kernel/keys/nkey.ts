import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { fromBase32, toBase32 } from './base32.ts'

export type NkeyKind = 'operator' | 'account' | 'user'

/** An Ed25519 key in the clothes of NATS. `seed` is the secret. */
export type Nkey = { kind: NkeyKind; publicKey: string; seed: string; sign: (bytes: Uint8Array) => Buffer }

/** The first bytes, chosen by NATS so that the text begins with S for a seed and O, A or U for the kind. */
const SEED = 18 << 3
const KINDS: Record<NkeyKind, number> = { operator: 14 << 3, account: 0, user: 20 << 3 }

/** The fixed head of an Ed25519 private key in PKCS #8 (RFC 8410); the 32 bytes of the key follow. */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex')
const KEY_BYTES = 32

/**
 * Keys are made and used with `node:crypto`: the library of NATS signs in plain JavaScript, some 30 ms a signature, which a
 * kernel that signs accounts while it serves a till would feel.
 */
export const createNkey = (kind: NkeyKind): Nkey => {
  const { privateKey } = generateKeyPairSync('ed25519')
  const raw = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(PKCS8_HEAD.length)
  // The seed's own mark takes five bits, so that the kind's eight are spread over two bytes.
  const head = [SEED | (KINDS[kind] >> 5), (KINDS[kind] & 31) << 3]
  return nkeyOf({ kind, privateKey, seed: withChecksum(Buffer.from([...head, ...raw])) })
}

/** Reads a seed of the kind that is expected. Throws a `RangeError` that never contains the seed. */
export const readNkey = (kind: NkeyKind, seed: string): Nkey => {
  const bytes = fromBase32(seed)
  const [first = 0, second = 0] = bytes
  const found = ((first & 7) << 5) | (second >> 3)
  const fits = bytes.length === KEY_BYTES + 4 && (first & ~7) === SEED && found === KINDS[kind]
  if (!fits || withChecksum(bytes.subarray(0, -2)) !== seed) throw new RangeError(`no seed of an NATS ${kind}`)
  const der = Buffer.concat([PKCS8_HEAD, bytes.subarray(2, 2 + KEY_BYTES)])
  return nkeyOf({ kind, privateKey: createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }), seed })
}

const nkeyOf = ({ kind, privateKey, seed }: { kind: NkeyKind; privateKey: KeyObject; seed: string }): Nkey => {
  const raw = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-KEY_BYTES)
  const publicKey = withChecksum(Buffer.concat([Buffer.from([KINDS[kind]]), raw]))
  return { kind, publicKey, seed, sign: (bytes) => sign(null, bytes, privateKey) }
}

const withChecksum = (bytes: Buffer): string => {
  const checksum = Buffer.alloc(2)
  checksum.writeUInt16LE(crc16(bytes))
  return toBase32(Buffer.concat([bytes, checksum]))
}

/** CRC-16/XMODEM. */
const crc16 = (bytes: Uint8Array): number => {
  let crc = 0
  for (const byte of bytes) {
    crc ^= byte << 8
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff
  }
  return crc
}
