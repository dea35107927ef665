#!/usr/bin/env node
// The one file that an old Node can read: it finds the Node 24 that npm brought along and hands over. The rest is TypeScript.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const NEEDED = 24
const here = dirname(fileURLToPath(import.meta.url))

if (Number(process.versions.node.split('.')[0]) >= NEEDED) await import('./main.ts')
else handOver(bundledNode())

/** npm's `node-<platform>-<arch>`, beside us or in the folder above. Ends with the command to type where there is none. */
function bundledNode() {
  const platform = process.platform === 'win32' ? 'win' : process.platform
  const name = process.platform === 'win32' ? 'node.exe' : 'node'
  const path = join(here, '..', 'node_modules', `node-${platform}-${process.arch}`, 'bin', name)
  if (existsSync(path)) return path
  console.error(
    `recyclique: this is Node ${process.versions.node}, and Recyclique needs ${NEEDED}. Type \`npm ci\`, which brings it along, or install Node ${NEEDED}.`,
  )
  process.exit(1)
}

/**
 * Runs ourselves with that Node. A Ctrl-C in the terminal reaches both; other signals are handed on. The channel between the two
 * closes when we are killed, and the other one then stops as well.
 */
function handOver(node) {
  const child = spawn(node, [join(here, 'main.ts'), ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  })
  process.on('SIGINT', () => {})
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)))
}
