import { join } from 'node:path'
import { type Keyring, seedOf } from './keyring.ts'
import type { ModuleKeys } from './module-keys.ts'
import { createNkey } from './nkey.ts'
import { makePrivateFolder, writeOnce } from './private-files.ts'

/** The two keys of whoever looks on, made at the first call: a keyring that was made before there were any gets them as well. */
export const onlookerKeys = async ({ folder }: Keyring): Promise<ModuleKeys> => {
  const own = join(folder, 'onlooker')
  await makePrivateFolder(own)
  for (const kind of ['user', 'account'] as const) await writeOnce(join(own, `${kind}.seed`), createNkey(kind).seed)
  return { account: await seedOf(own, 'account.seed', 'account'), user: await seedOf(own, 'user.seed', 'user') }
}
