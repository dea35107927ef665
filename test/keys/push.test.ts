import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { connect, credsAuthenticator, jwtAuthenticator, type NatsConnection } from '@nats-io/transport-node'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { subjectsOf } from '../../contracts/subjects.ts'
import { kernelUser, sysAccount } from '../../kernel/keys/accounts.ts'
import { admitKnownModules, admitModule, expelModule } from '../../kernel/keys/admit.ts'
import { moduleCredentials } from '../../kernel/keys/credentials.ts'
import { signClaims } from '../../kernel/keys/jwt.ts'
import { moduleKeys } from '../../kernel/keys/module-keys.ts'
import { createNkey } from '../../kernel/keys/nkey.ts'
import { pushAccount } from '../../kernel/keys/push.ts'
import { startTestServer, type TestServer } from '../support/nats.ts'

const subjects = subjectsOf('essai')

let server: TestServer
beforeEach(async () => {
  server = await startTestServer()
})
afterEach(() => server.stop())

test('a token that was changed on its way is refused, with the reason', async () => {
  const sys = await server.connectSys()
  const [head, body, signature = ''] = signClaims(server.keyring.operator, sysAccount(createNkey('account')), 0).split(
    '.',
  )
  const changed = Buffer.from(body ?? '', 'base64url')
    .toString()
    .replace('"conn":64', '"conn":65')
  const jwt = [head, Buffer.from(changed).toString('base64url'), signature].join('.')

  await expect(pushAccount(sys, jwt)).rejects.toMatchObject({
    code: 'account-refused',
    message: expect.stringMatching(/did not take account SYS: .*signature/),
  })
})

test('an account that a stranger signed lets nobody in', async () => {
  const sys = await server.connectSys()
  const [account, user] = [createNkey('account'), createNkey('user')]
  await pushAccount(sys, signClaims(createNkey('operator'), sysAccount(account), Date.now()))

  const jwt = signClaims(account, kernelUser(user.publicKey), Date.now())
  const authenticator = jwtAuthenticator(jwt, new TextEncoder().encode(user.seed))
  await expect(connect({ servers: server.url, authenticator, reconnect: false })).rejects.toThrow(/Authorization/)
})

test('without the system account nothing can be pushed, and it says so', async () => {
  const kernel = await server.connectKernel()
  const jwt = signClaims(server.keyring.operator, sysAccount(createNkey('account')), Date.now())

  await expect(pushAccount(kernel, jwt)).rejects.toMatchObject({ code: 'account-refused' })
})

test('only what the server does not know is pushed: facts on their way would be lost by a push for nothing', async () => {
  const sys = await server.connectSys()
  await server.addModule('stock')
  expect(await admitKnownModules(sys, server.keyring)).toBe(0)
  await moduleKeys(server.keyring, 'paheko')
  expect(await admitKnownModules(sys, server.keyring)).toBe(2)
  expect(await admitKnownModules(sys, server.keyring)).toBe(0)
})

test('who is expelled stays out when others are let in, and when the server is started anew', async () => {
  const sys = await server.connectSys()
  const stock = await server.addModule('stock')
  await expelModule(sys, server.keyring, 'stock')
  await server.addModule('paheko')
  await expect(stock.connect()).rejects.toThrow(/Authorization/i)
  await server.restart()
  expect(await admitKnownModules(await server.connectSys(), server.keyring)).toBe(0)
  await expect(stock.connect()).rejects.toThrow(/Authorization/i)
})

test('modules that are let in all at once, by two kernels too, are all reached: no account names one that the server has not', async () => {
  const kernel = await server.connectKernel()
  const syses = [await server.connectSys(), await server.connectSys()]
  const names = Array.from({ length: 10 }, (_, nth) => `m${nth}`)
  await Promise.all(names.map((name, nth) => admitModule(syses[nth % 2] as NatsConnection, server.keyring, name)))
  for (const name of names) {
    const { creds, inboxPrefix } = await moduleCredentials(server.keyring, name)
    const authenticator = credsAuthenticator(new TextEncoder().encode(creds))
    const module = await connect({ servers: server.url, authenticator, inboxPrefix })
    module.subscribe(subjects.moduleBranch(name), { callback: (_, message) => void message.respond(name) })
    await module.flush()
    expect((await kernel.request(subjects.toModule(name, 'i1', 'control'))).string()).toBe(name)
    await module.close()
  }
})

test('a server that knows no onlooker yet, as one of an older keyring, is given his account', async () => {
  await rm(join(server.keyring.folder, 'onlooker'), { recursive: true })
  await expect(server.connectOnlooker()).rejects.toThrow(/Authorization/i)
  expect(await admitKnownModules(await server.connectSys(), server.keyring)).toBe(1)
  await (await server.connectOnlooker()).flush()
})

test('a server that is started anew with its accounts is pushed nothing', async () => {
  await server.addModule('stock')
  await server.restart()
  expect(await admitKnownModules(await server.connectSys(), server.keyring)).toBe(0)
})

test('a module that is expelled is cut off at once, is not let in again, and works again once it is admitted', async () => {
  const sys = await server.connectSys()
  const stock = await server.addModule('stock')
  const kernel = await server.connectKernel()
  const authenticator = credsAuthenticator(new TextEncoder().encode(stock.creds))
  const options = { servers: server.url, authenticator, reconnect: false, inboxPrefix: stock.inboxPrefix }
  const first = await connect(options)

  await expelModule(sys, server.keyring, 'stock')
  await first.closed()
  await expect(connect(options)).rejects.toThrow(/Authorization/i)

  await admitModule(sys, server.keyring, 'stock')
  const again = await connect(options)
  again.subscribe(subjects.moduleBranch('stock'), {
    callback: (_, message) => {
      message.respond('back')
    },
  })
  await again.flush()
  expect((await kernel.request(subjects.toModule('stock', 'i1', 'control'))).string()).toBe('back')
  await again.close()
})
