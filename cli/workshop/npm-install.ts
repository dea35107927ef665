import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { CannotDo } from '../bad-use.ts'

/**
 * Local folders are copied like packages: libraries must not change under a module that runs. No script of a library runs: what is
 * installed is started by a module, under its rights, or not at all.
 */
const OPTIONS = ['--ignore-scripts', '--no-audit', '--no-fund', '--omit=dev', '--install-links', '--loglevel=error']

/** Installs with npm into a folder, as npm's configuration says where from. Throws a `CannotDo` with npm's own words. */
export const installWithNpm = async (folder: string, dependencies: Readonly<Record<string, string>>): Promise<void> => {
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }))
  // npm is a script on Windows, which only a shell can run.
  const options = { cwd: folder, shell: process.platform === 'win32' }
  await promisify(execFile)('npm', ['install', ...OPTIONS], options).catch((cause: { stderr?: string } & Error) => {
    throw new CannotDo(`npm could not install: ${cause.stderr?.trim() || cause.message}`, { cause })
  })
}
