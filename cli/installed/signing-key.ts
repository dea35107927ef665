import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import type { Signature } from '@recyclique/contracts'
import { CannotDo } from '../bad-use.ts'

/** What stands in front of the 32 bytes of an Ed25519 key in its DER form (RFC 8410). */
const DER_FRONT = Buffer.from('302a300506032b6570032100', 'hex')
const FORM = 'ed25519:'

/** Makes a key that signs modules, readable by its owner alone. Never replaces a file. Gives what others need to trust it. */
export const makeSigningKey = async (file: string): Promise<string> => {
  const { privateKey } = generateKeyPairSync('ed25519')
  try {
    await writeFile(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flag: 'wx' })
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    throw new CannotDo(
      code === 'EEXIST' ? `${file} is there already: a key is never replaced. Name another file.` : message,
      { cause },
    )
  }
  return publicText(privateKey)
}

/** Throws a `CannotDo` for a file that holds no such key. */
export const readSigningKey = async (file: string): Promise<KeyObject> => {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new CannotDo(
      `${file} cannot be read (${cause.code}): \`recyclique modules signing-key ${file}\` makes a key`,
      { cause },
    )
  })
  try {
    const key = createPrivateKey(text)
    if (key.asymmetricKeyType === 'ed25519') return key
  } catch {
    // Said below, without what stands in the file.
  }
  throw new CannotDo(`${file} holds no key that signs modules: \`recyclique modules signing-key FILE\` makes one`)
}

export const signText = (key: KeyObject, text: string): Signature => ({
  key: publicText(key),
  signature: sign(null, Buffer.from(text), key).toString('base64'),
})

export const isSignatureOf = (text: string, { key, signature }: Signature): boolean => {
  const der = Buffer.concat([DER_FRONT, Buffer.from(key.slice(FORM.length), 'base64')])
  const publicKey = createPublicKey({ key: der, format: 'der', type: 'spki' })
  return verify(null, Buffer.from(text), publicKey, Buffer.from(signature, 'base64'))
}

const publicText = (key: KeyObject): string =>
  FORM + createPublicKey(key).export({ type: 'spki', format: 'der' }).subarray(DER_FRONT.length).toString('base64')
