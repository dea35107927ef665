import { createAccount, createOperator, createUser, fromPublic, fromSeed } from '@nats-io/nkeys'
import { expect, test } from 'vitest'
import { sysAccount } from '../../kernel/keys/accounts.ts'
import { fromBase32, toBase32 } from '../../kernel/keys/base32.ts'
import { readClaims, signClaims } from '../../kernel/keys/jwt.ts'
import { createNkey, type NkeyKind, readNkey } from '../../kernel/keys/nkey.ts'

const KINDS: [NkeyKind, () => ReturnType<typeof createUser>][] = [
  ['operator', createOperator],
  ['account', createAccount],
  ['user', createUser],
]

test.each(KINDS)('a key of ours for the %s is one of theirs, and the other way round', (kind, create) => {
  const ours = createNkey(kind)
  const same = fromSeed(new TextEncoder().encode(ours.seed))
  expect(same.getPublicKey()).toBe(ours.publicKey)
  expect(same.verify(new Uint8Array([1, 2, 3]), ours.sign(new Uint8Array([1, 2, 3])))).toBe(true)

  const theirs = create()
  const seed = new TextDecoder().decode(theirs.getSeed())
  expect(readNkey(kind, seed)).toMatchObject({ publicKey: theirs.getPublicKey(), seed })
})

test('a seed of another kind, a changed or a cut one is refused', () => {
  const { seed } = createNkey('user')
  const changed = seed.replace(/^(.{20})./, (_, head: string) => head + (seed[20] === 'A' ? 'B' : 'A'))

  expect(() => readNkey('account', seed)).toThrow(RangeError)
  for (const wrong of [changed, seed.slice(0, -1), `${seed}A`, '', 'no seed', seed.toLowerCase()]) {
    expect(() => readNkey('user', wrong)).toThrow(RangeError)
  }
})

test('base32 is that of RFC 4648', () => {
  const pairs = [
    ['', ''],
    ['f', 'MY'],
    ['fo', 'MZXQ'],
    ['foo', 'MZXW6'],
    ['foob', 'MZXW6YQ'],
    ['foobar', 'MZXW6YTBOI'],
  ]
  for (const [plain = '', coded = ''] of pairs) {
    expect(toBase32(Buffer.from(plain))).toBe(coded)
    expect(fromBase32(coded).toString()).toBe(plain)
  }
})

test('a token is signed by its issuer, and two different ones of one second have two ids', () => {
  const [operator, account] = [createNkey('operator'), createNkey('account')]
  const jwt = signClaims(operator, sysAccount(account), 1_700_000_000_999)
  const [head, body, signature = ''] = jwt.split('.')
  const theirs = fromPublic(operator.publicKey)

  expect(theirs.verify(Buffer.from(`${head}.${body}`), Buffer.from(signature, 'base64url'))).toBe(true)
  expect(readClaims(jwt)).toMatchObject({
    iss: operator.publicKey,
    sub: account.publicKey,
    iat: 1_700_000_000,
    name: 'SYS',
  })
  const other = readClaims(signClaims(operator, sysAccount(createNkey('account')), 1_700_000_000_999))
  expect(other.jti).not.toBe(readClaims(jwt).jti)
})

test('a hundred accounts are signed while a till would not notice', () => {
  const [operator, account] = [createNkey('operator'), createNkey('account')]
  const began = performance.now()
  for (let round = 0; round < 100; round++) signClaims(operator, sysAccount(account), 0)

  expect((performance.now() - began) / 100).toBeLessThan(5)
})
