import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { holderOf, Taken, takeLock } from '../../cli/up/lock.ts'
import { birthOf } from '../../cli/up/process-group.ts'

let folder: string
let file: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'recyclique-lock-'))
  file = join(folder, 'run', 'up.lock')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const sleeper = () => spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })

test('a folder that is taken is refused, with the number of who has it', async () => {
  const lock = await takeLock(file)
  await expect(takeLock(file)).rejects.toThrow(Taken)
  expect(await holderOf(file)).toBe(process.pid)

  await lock.release()
  expect(await holderOf(file)).toBeUndefined()
  await (await takeLock(file)).release()
})

test('a lock whose holder is dead is taken over', async () => {
  const holder = sleeper()
  await takeLock(file, holder.pid)
  holder.kill('SIGKILL')
  await once(holder, 'exit')

  await takeLock(file)
  expect(await holderOf(file)).toBe(process.pid)
})

test('a damaged lock is taken over', async () => {
  await (await takeLock(file)).release()
  await writeFile(file, '')
  await takeLock(file)
  expect(await holderOf(file)).toBe(process.pid)
})

test.runIf(process.platform === 'linux')(
  'a later process with the number of the dead one does not hold its lock',
  async () => {
    await takeLock(file)
    const text = await readFile(file, 'utf8')
    await writeFile(file, text.replace(birthOf(process.pid)!, '1'))

    expect(await holderOf(file)).toBeUndefined()
  },
)

test('a stale lock waits until the leash has ended what was left running', async () => {
  const [holder, leash] = [sleeper(), sleeper()]
  await (await takeLock(file, holder.pid)).name(leash.pid)
  holder.kill('SIGKILL')
  await once(holder, 'exit')

  let isTaken = false
  const taking = takeLock(file).then(() => {
    isTaken = true
  })
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect(isTaken).toBe(false)
  leash.kill('SIGKILL')
  await taking
})
