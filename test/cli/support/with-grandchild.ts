import { spawn } from 'node:child_process'

const deaf = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('deaf')"
const grandchild = spawn(process.execPath, ['-e', deaf], { stdio: ['ignore', 'pipe', 'inherit'] })
grandchild.stdout.once('data', () => console.log(JSON.stringify({ child: process.pid, grandchild: grandchild.pid })))
setInterval(() => {}, 1000)
