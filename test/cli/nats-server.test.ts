import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { serversFolder } from '../../cli/nats/cache.ts'
import { compareVersions, isTested, isUnderFloor } from '../../cli/nats/version.ts'
import { findNatsServer, startNatsServer } from '../../cli/nats-server.ts'

let folder: string
let said: string[]
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'recyclique-find-'))
  said = []
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const script = async (path: string, ...lines: string[]) => {
  await mkdir(join(path, '..'), { recursive: true })
  await writeFile(path, ['#!/bin/sh', ...lines, ''].join('\n'))
  await chmod(path, 0o755)
  return path
}
const fake = (name: string, version: string) =>
  script(join(folder, name, 'nats-server'), `echo "nats-server: v${version}"`)
const inCache = (version: string) =>
  script(join(serversFolder(join(folder, 'cache')), version, 'nats-server'), `echo "nats-server: v${version}"`)
/** Finds with nothing on PATH but the named folders: no apt, no Go. */
const find = (env: NodeJS.ProcessEnv, ...path: string[]) =>
  findNatsServer({
    env: { PATH: path.map((name) => join(folder, name)).join(':'), ...env },
    cacheDir: join(folder, 'cache'),
    say: (line) => said.push(line),
  })

// A server that Debian's package installed is found wherever PATH points.
const installed = existsSync('/usr/sbin/nats-server')
const noDebian = !existsSync('/usr/bin/dpkg-deb') || !existsSync('/usr/share/keyrings/debian-archive-keyring.gpg')

test('the server that is named is taken before any other', async () => {
  const named = await fake('named', '2.10.27')
  await fake('bin', '2.15.1')
  await inCache('2.15.1')

  expect(await find({ RECYCLIQUE_NATS_SERVER: named }, 'bin')).toEqual({
    path: named,
    version: '2.10.27',
    origin: 'named',
  })
})

test('a named server under the floor is refused with the reason, and no other is taken in its stead', async () => {
  const named = await fake('named', '2.9.10')
  await inCache('2.15.1')

  await expect(find({ RECYCLIQUE_NATS_SERVER: named })).rejects.toThrow(
    /2\.9\.10 is under 2\.10\.23; older servers can lose/,
  )
  await expect(find({ RECYCLIQUE_NATS_SERVER: join(folder, 'none') })).rejects.toThrow(/does not run as a nats-server/)
})

test.skipIf(installed)('a server on PATH under the floor is passed over, and it is said why', async () => {
  await fake('old', '2.9.10')
  const good = await fake('new', '2.11.6')

  expect(await find({}, 'old', 'new')).toEqual({ path: good, version: '2.11.6', origin: 'path' })
  expect(said).toEqual([expect.stringContaining('2.9.10 is under 2.10.23')])
})

test.skipIf(installed)('the newest cached server is taken, and one under the floor never', async () => {
  for (const version of ['2.9.10', '2.10.27', '2.15.1']) await inCache(version)

  expect(await find({})).toMatchObject({ version: '2.15.1', origin: 'cache' })
})

test.skipIf(installed)('a cached server that does not run is thrown away, and the next one taken', async () => {
  const broken = await inCache('2.15.1')
  await writeFile(broken, '')
  await inCache('2.10.27')

  expect(await find({})).toMatchObject({ version: '2.10.27', origin: 'cache' })
  expect(existsSync(broken)).toBe(false)
})

test('a minor that was never tested is used with a warning', async () => {
  const named = await fake('named', '2.99.0')

  expect(await find({ RECYCLIQUE_NATS_SERVER: named })).toMatchObject({ version: '2.99.0' })
  expect(said).toEqual([expect.stringContaining('2.99.0 was never tested')])
})

test.skipIf(installed)('where nothing helps, the error says what to type', async () => {
  await expect(find({})).rejects.toThrow(/Type:\n {2}\S+/)
})

/** A machine with apt: `download` copies a package that holds a fake server. */
const fakeApt = async (download: string) => {
  const tree = join(folder, 'tree')
  await script(join(tree, 'usr', 'sbin', 'nats-server'), 'echo "nats-server: v2.15.1"')
  await mkdir(join(tree, 'DEBIAN'))
  await writeFile(
    join(tree, 'DEBIAN', 'control'),
    'Package: x\nVersion: 1\nArchitecture: all\nMaintainer: x <x@x>\nDescription: x\n',
  )
  await script(
    join(folder, 'apt', 'apt-get'),
    `echo "$@" >> ${folder}/calls`,
    'case "$*" in',
    '  indextargets*) echo "Packages main bookworm file:/mirror/";  echo "Packages main bookworm-security file:/other/";;',
    `  *update) cat "$2" >> ${folder}/configs; cat "$(dirname "$2")/sources.list" >> ${folder}/sources;;`,
    `  *download*) ${download};;`,
    'esac',
  )
  const build = `PATH=/usr/bin:/bin dpkg-deb --root-owner-group --build ${tree} ${folder}/x.deb >/dev/null`
  await script(join(folder, 'apt', 'dpkg-deb'), 'PATH=/usr/bin:/bin exec dpkg-deb "$@"')
  await script(join(folder, 'build'), build)
  const { run } = await import('../../cli/nats/run.ts')
  expect(await run(join(folder, 'build'), [], { env: process.env })).toMatchObject({ code: 0 })
}
const PATH = () => ({ PATH: `${join(folder, 'apt')}:/bin` })

test.skipIf(installed || noDebian)(
  'Debian’s package comes from the machine’s own mirror, with its signature checked',
  async () => {
    await fakeApt(`PATH=/bin:/usr/bin cp ${folder}/x.deb .`)

    expect(await find(PATH())).toMatchObject({ version: '2.15.1', origin: 'debian' })

    const sources = await readFile(join(folder, 'sources'), 'utf8')
    expect(sources).toMatch(
      /^deb \[signed-by=\/usr\/share\/keyrings\/debian-archive-keyring\.\w+\] file:\/mirror\/ forky main\n$/,
    )
    const config = await readFile(join(folder, 'configs'), 'utf8')
    expect(config).toContain('APT::Get::AllowUnauthenticated "false";')
    expect(config).toContain('Acquire::AllowInsecureRepositories "false";')
    expect(await readdir(serversFolder(join(folder, 'cache')))).toEqual(['2.15.1'])
  },
)

test.skipIf(installed || noDebian)('four that fetch at once all have a whole server', async () => {
  await fakeApt(`PATH=/bin:/usr/bin cp ${folder}/x.deb .`)

  const found = await Promise.all([1, 2, 3, 4].map(() => find(PATH())))

  expect(new Set(found.map(({ path }) => path)).size).toBe(1)
  expect(await readdir(serversFolder(join(folder, 'cache')))).toEqual(['2.15.1'])
})

test.skipIf(installed || noDebian)('a download that was cut off leaves nothing in the cache', async () => {
  await fakeApt(`PATH=/bin:/usr/bin head -c 300 ${folder}/x.deb > x.deb`)

  await expect(find({ PATH: join(folder, 'apt') })).rejects.toThrow(/there is no nats-server/)
  expect(said.join('\n')).toContain('it did not work')
  expect(await readdir(serversFolder(join(folder, 'cache')))).toEqual([])
})

test('versions compare as numbers', () => {
  expect(compareVersions('2.10.9', '2.10.27')).toBeLessThan(0)
  expect([isUnderFloor('2.10.22'), isUnderFloor('2.10.23'), isUnderFloor('3.0.0')]).toEqual([true, false, false])
  expect([isTested('2.15.9'), isTested('2.1.0')]).toEqual([true, false])
})

const real = () => findNatsServer({ env: process.env, say: () => {} })
const config = async (text: string) => {
  const path = join(folder, 'nats.conf')
  await writeFile(path, text)
  return path
}

test('a server starts on a free port, in its own process group, and stops', async () => {
  const { path } = await real()
  const configFile = await config('listen: "127.0.0.1:-1"')
  const log: string[] = []
  const server = await startNatsServer({ path, configFile, log: (line) => log.push(line) })

  expect(server.url).toMatch(/^nats:\/\/127\.0\.0\.1:[1-9]\d+$/)
  if (process.platform === 'linux') {
    const group = (await readFile(`/proc/${server.pid}/stat`, 'utf8')).split(') ')[1]?.split(' ')[2]
    expect(Number(group)).toBe(server.pid)
  }
  await server.stop()
  await server.stop()
  await server.ended
  expect(() => process.kill(server.pid, 0)).toThrow('ESRCH')
  expect(log.join('\n')).toContain('Server is ready')
})

test('a server that dies at its start is told of with its last words', async () => {
  const { path } = await real()

  await expect(startNatsServer({ path, configFile: await config('nonsense: {') })).rejects.toThrow(
    /did not start: .*\n.*Parse error/,
  )
  await expect(startNatsServer({ path: join(folder, 'none'), configFile: 'x' })).rejects.toThrow(/ENOENT/)
})

test('a port that is taken is named', async () => {
  const { path } = await real()
  const first = await startNatsServer({ path, configFile: await config('listen: "127.0.0.1:-1"') })
  const { port } = new URL(first.url)

  await expect(startNatsServer({ path, configFile: await config(`listen: "127.0.0.1:${port}"`) })).rejects.toThrow(port)
  await first.stop()
})

test('a server that never gets ready is killed in the end', async () => {
  const path = await script(
    join(folder, 'stuck', 'nats-server'),
    'trap "" TERM',
    'while :; do read x < /dev/zero; done',
  )

  await expect(startNatsServer({ path, configFile: 'x', readyWithinMs: 100, killAfterMs: 100 })).rejects.toThrow(
    /not ready after/,
  )
})
