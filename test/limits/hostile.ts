import { execFile, fork, spawn } from 'node:child_process'
import { setEngine } from 'node:crypto'
import dgram from 'node:dgram'
import dns from 'node:dns'
import { readFileSync, symlinkSync, watch, writeFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import http from 'node:http'
import { Session } from 'node:inspector'
import { createRequire } from 'node:module'
import net from 'node:net'
import { join } from 'node:path'
import { backup, DatabaseSync } from 'node:sqlite'
import tls from 'node:tls'
import { writeHeapSnapshot } from 'node:v8'
import { WASI } from 'node:wasi'
import { Worker } from 'node:worker_threads'

// What a module could try beside the bus. Each is said with what came of it: `done`, or the error's code and words.
const { data, others, outside, port } = JSON.parse(process.env.TRY ?? '{}') as {
  data: string
  others: string
  outside: string
  port: number
}

const ended = (emitter: NodeJS.EventEmitter, good: string) =>
  new Promise((resolve, reject) => emitter.once(good, resolve).once('error', reject))

const TRIES: Readonly<Record<string, () => unknown>> = {
  'its own data': () => {
    const db = new DatabaseSync(join(data, 'own.sqlite'))
    db.exec('PRAGMA journal_mode = WAL; CREATE TABLE IF NOT EXISTS own (one); INSERT INTO own VALUES (1)')
    db.exec(`ATTACH '${join(data, 'second.sqlite')}' AS second; CREATE TABLE IF NOT EXISTS second.one (two)`)
    writeFileSync(join(data, 'own.txt'), 'mine')
    return readFileSync(join(data, 'own.txt'), 'utf8')
  },
  'a host that was granted': () => ended(net.connect(port, '127.0.0.1'), 'connect'),
  'the same by fetch': async () => (await fetch(`http://localhost:${port}/`)).status,
  'a port that was granted': async () => {
    const server = http.createServer().listen(0, '127.0.0.1')
    await ended(server, 'listening')
    server.close()
  },

  'read the users of the machine': () => readFileSync('/etc/passwd', 'utf8'),
  "read another module's data": () => readFileSync(join(others, 'secret.txt'), 'utf8'),
  "list another module's data": () => readdir(others),
  "load another module's data as code": () => createRequire(import.meta.url)(join(others, 'secret.json')),
  'import it': () => import(join(others, 'secret.json'), { with: { type: 'json' } }),
  'take it for surroundings': () => process.loadEnvFile(join(others, 'secret.txt')),
  'watch it': () => watch(others).close(),
  'write a report outside': () => process.report.writeReport(join(outside, 'report.json')),
  'write its memory outside': () => writeHeapSnapshot(join(outside, 'heap')),
  'load an engine': () => setEngine(join(data, 'engine.so')),
  'listen by the back door': () => Reflect.get(net, '_createServerHandle')('0.0.0.0', port + 1, 4).listen(1),
  'listen on a handle': () => ended(net.createServer().listen({ _handle: {} }), 'listening'),
  'write outside': () => writeFileSync(join(outside, 'out.txt'), ''),
  'link to outside': () => symlinkSync('/etc/passwd', join(data, 'passwd')),
  "open another module's database": () => new DatabaseSync(join(others, 'other.sqlite')),
  'open it by its address': () => new DatabaseSync(`file:${join(others, 'other.sqlite')}?mode=ro`),
  'attach it': () => new DatabaseSync(':memory:').exec(`ATTACH '${join(others, 'other.sqlite')}' AS other`),
  'attach it by a name that is computed': () =>
    new DatabaseSync(':memory:').prepare('ATTACH ? AS other').run(join(others, 'other.sqlite')),
  'attach it without a watchman': () => {
    const db = new DatabaseSync(':memory:')
    db.setAuthorizer(null)
    db.exec(`ATTACH '${join(others, 'other.sqlite')}' AS other`)
  },
  'open it with the class beneath': () => {
    const Beneath = Object.getPrototypeOf(new DatabaseSync(':memory:')).constructor as typeof DatabaseSync
    return new Beneath(join(others, 'other.sqlite'))
  },
  'vacuum into outside': () => new DatabaseSync(':memory:').exec(`VACUUM INTO '${join(outside, 'v.sqlite')}'`),
  'back up to outside': () => backup(new DatabaseSync(':memory:'), join(outside, 'b.sqlite')),
  'start a program': () => ended(spawn('id'), 'spawn'),
  'start a shell': () => execFile('/bin/sh', ['-c', 'id']),
  'start itself anew': () => fork(import.meta.filename),
  'start a thread': () => new Worker('1', { eval: true }),
  'open a debugger': () => new Session().connect(),
  'use wasi': () => new WASI({ version: 'preview1', preopens: { '/': '/' } }),
  'load machine code': () => process.dlopen({ exports: {} }, join(data, 'own.node')),
  'signal its supervisor': () => process.kill(process.ppid, 0),
  'debug its supervisor': () => Reflect.get(process, '_debugProcess')(process.ppid),
  'connect elsewhere': () => ended(net.connect(port + 1, '127.0.0.1'), 'connect'),
  'connect by tls': () => ended(tls.connect({ host: 'example.org', port: 443 }), 'secureConnect'),
  'fetch from elsewhere': () =>
    fetch('http://example.org/').catch((error: Error) => {
      throw error.cause
    }),
  'ask for a page elsewhere': () => ended(http.get('http://example.org/'), 'response'),
  'lie about an address': () =>
    ended(
      net.connect({
        host: 'granted.test',
        port,
        lookup: (_name, _options, found) => found(null, [{ address: '127.0.0.1', family: 4 }]),
      }),
      'connect',
    ),
  'connect to a socket file': () => ended(net.connect('/run/docker.sock'), 'connect'),
  'carry something out by a name': () => dns.promises.resolveTxt('secret.example.org'),
  'the same by another way': () => new dns.promises.Resolver().resolve4('secret.example.org'),
  'the same by a callback': () =>
    new Promise((resolve, reject) =>
      dns.lookup('secret.example.org', (error, address) => (error ? reject(error) : resolve(address))),
    ),
  'send a datagram': () => dgram.createSocket('udp4').send('x', 53, '127.0.0.1'),
  'listen where others reach it': () => ended(http.createServer().listen(0), 'listening'),
  'listen on another port': () => ended(net.createServer().listen({ port: port + 1, host: '127.0.0.1' }), 'listening'),
}

const results: Record<string, string> = {}
for (const [name, act] of Object.entries(TRIES))
  try {
    await act()
    results[name] = 'done'
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException
    results[name] = `${code} ${message}`
  }
process.stdout.write(`${JSON.stringify({ results })}\n`, () => process.exit(0))
