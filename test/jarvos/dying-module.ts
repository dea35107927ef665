import { defineModule, runModule } from '@recyclique/sdk'

/** Whatever it is asked to do, it says that it begins, and is dead before it can answer. */
const die = (): Promise<never> => {
  process.stdout.write('it begins\n')
  process.kill(process.pid, 'SIGKILL')
  return new Promise(() => {})
}

await runModule(
  defineModule({
    ...{ name: 'printer', version: '1.0.0', description: 'A module of the tests.', kernel: '^0.1.0' },
    protocol: { min: 1, max: 1 },
    tools: [
      { name: 'look', description: 'reads', isReadOnly: true },
      { name: 'print', description: 'writes' },
    ],
  })
    .tool('look', die)
    .tool('print', die),
)
