// A kernel in a process of its own that asks what it reads on its standard input, a line each: the historic questions that no route of HTTP asks.
import { mkdirSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { HookSpec } from '@recyclique/contracts'
import { pino } from 'pino'
import { openKernel } from '../../../kernel/kernel.ts'
import { readSettings } from '../../../kernel/settings.ts'

const settings = readSettings(process.env)
mkdirSync(settings.dataDir, { recursive: true })
const kernel = await openKernel(settings, pino({ level: 'warn' }), () => process.exit(74))

createInterface({ input: process.stdin })
  .on('line', async (line) => {
    const { hook, args } = JSON.parse(line) as { hook: string; args: object }
    await kernel.hooks.askEver(kernel.hooks.book.specOf(hook) as HookSpec, args)
    console.log(`asked ${line}`)
  })
  .on('close', () => process.exit(0))
console.log(`ready ${kernel.url}`)
