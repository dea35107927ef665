import { existsSync } from 'node:fs'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { keepServer, type Server, withWorkFolder } from './cache.ts'
import { lastLines, type Ran, run } from './run.ts'
import { askVersion, isUnderFloor } from './version.ts'

/** Debian's suites, best first. What a stable Debian itself ships may be under the floor. */
const SUITES = ['forky', 'trixie']
const KEYRINGS = ['gpg', 'pgp'].map((ending) => `/usr/share/keyrings/debian-archive-keyring.${ending}`)
const DEBIAN_RELEASE = /^(buster|bullseye|bookworm|trixie|forky|duke|sid|oldstable|stable|testing|unstable)$/

type Debian = { env: NodeJS.ProcessEnv; cacheDir: string; say: (line: string) => void }

/**
 * Takes Debian's own package from the mirror that this machine already uses, without root and without installing anything:
 * private lists, `apt-get download`, unpacked into the cache. apt checks the archive's signature against the keyring of the
 * system, and the package against the signed list. Undefined where there is no Debian, no mirror or no fitting package.
 */
export const fetchFromDebian = async ({ env, cacheDir, say }: Debian): Promise<Server | undefined> => {
  const keyring = KEYRINGS.find((path) => existsSync(path))
  if (!keyring) return undefined
  for (const suite of SUITES) {
    for (const mirror of await mirrors(env)) {
      say(`fetching nats-server from Debian ${suite} at ${withoutPassword(mirror)}`)
      const source = `deb [signed-by=${keyring}] ${mirror} ${suite} main\n`
      const server = await withWorkFolder(cacheDir, async (folder) => {
        const path = await download({ env, folder, source, say })
        if (!path) return undefined
        // Tried before it is kept: a newer suite may want a newer C library than this machine has.
        const version = await askVersion(path, env)
        if (version && !isUnderFloor(version)) return keepServer(cacheDir, folder, { path, version })
        say(
          `Debian ${suite} has ${version ? `${version}, which is under the floor` : 'a package that does not run here'}`,
        )
        return undefined
      })
      if (server) return server
    }
  }
  return undefined
}

/** The mirrors of Debian's main archive in this machine's own configuration; none where apt is not. */
const mirrors = async (env: NodeJS.ProcessEnv): Promise<string[]> => {
  const format = '$(CREATED_BY) $(COMPONENT) $(RELEASE) $(REPO_URI)'
  const { stdout } = await run('apt-get', ['indextargets', '--no-release-info', '--format', format], { env })
  const found = stdout
    .split('\n')
    .map((line) => line.trim().split(' '))
    .filter(
      ([made, component, release = '']) => made === 'Packages' && component === 'main' && DEBIAN_RELEASE.test(release),
    )
    .map(([, , , uri = '']) => uri)
    .filter((uri) => uri !== '' && !uri.startsWith('cdrom:'))
  return [...new Set(found)]
}

type Download = { env: NodeJS.ProcessEnv; folder: string; source: string; say: (line: string) => void }

const download = async ({ env, folder, source, say }: Download): Promise<string | undefined> => {
  const [config, debs, tree] = [join(folder, 'apt.conf'), join(folder, 'debs'), join(folder, 'tree')]
  for (const made of ['lists/partial', 'cache/archives/partial', 'debs'])
    await mkdir(join(folder, made), { recursive: true })
  // The mirror's address may carry a password.
  await writeFile(join(folder, 'sources.list'), source, { mode: 0o600 })
  await writeFile(config, aptConfig(folder))
  const apt = (...args: string[]) =>
    run('apt-get', ['-c', config, ...args], { env: { ...env, LC_ALL: 'C' }, cwd: debs, timeoutMs: 180_000 })

  const steps: (() => Promise<Ran>)[] = [
    () => apt('update'),
    () => apt('download', 'nats-server'),
    async () => run('dpkg-deb', ['-x', join(debs, (await readdir(debs))[0] ?? ''), tree], { env }),
  ]
  for (const step of steps) {
    const { code, stderr } = await step()
    if (code === 0) continue
    say(`it did not work: ${withoutPassword(lastLines(stderr))}`)
    return undefined
  }
  // Debian keeps its daemons where only root looks.
  return join(tree, 'usr', 'sbin', 'nats-server')
}

/**
 * Read after the system's own settings, so that proxies and mirrors' passwords still hold. Our lists stay private; the hooks of
 * the system are left out, since they tell its desktop about an update that is none of its business.
 */
const aptConfig = (folder: string): string => {
  const root = process.getuid?.() === 0
  return [
    `Dir::Etc::SourceList ${JSON.stringify(join(folder, 'sources.list'))};`,
    'Dir::Etc::SourceParts "/dev/null";',
    `Dir::State::Lists ${JSON.stringify(join(folder, 'lists'))};`,
    `Dir::Cache ${JSON.stringify(join(folder, 'cache'))};`,
    'Acquire::Languages "none";',
    'Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";',
    'Acquire::Retries "2";',
    'Acquire::http::Timeout "20";',
    'Acquire::https::Timeout "20";',
    // Signatures are checked whatever the machine's own settings say.
    'APT::Get::AllowUnauthenticated "false";',
    'Acquire::AllowInsecureRepositories "false";',
    'Acquire::AllowWeakRepositories "false";',
    'Acquire::AllowDowngradeToInsecureRepositories "false";',
    '#clear APT::Update::Pre-Invoke;',
    '#clear APT::Update::Post-Invoke;',
    '#clear APT::Update::Post-Invoke-Success;',
    // As root apt downloads as the user _apt, who may not write into our folder, and says so at length.
    ...(root ? ['APT::Sandbox::User "root";'] : []),
    '',
  ].join('\n')
}

const withoutPassword = (text: string): string => text.replace(/\/\/[^/@\s]+@/g, '//')
