import { expect, test } from 'vitest'
import { makeScreen } from '../../cli/up/screen.ts'
import { renderTree } from '../../cli/up/tree.ts'

const at = new Date(2026, 4, 1, 12, 3, 4)
const screen = (env: NodeJS.ProcessEnv = {}, isTTY = false) => {
  const shown: string[] = []
  const write = (text: string | Uint8Array) => shown.push(String(text)) > 0
  return { shown, ...makeScreen({ write, isTTY } as NodeJS.WriteStream, env, () => at) }
}
const pino = (entry: object) => JSON.stringify({ level: 30, time: at.getTime(), pid: 1, hostname: 'h', ...entry })

test('the start is a tree with milliseconds', () => {
  const modules = {
    label: 'modules',
    below: [
      { label: 'labels 1.0.0', ms: 220.4, note: 'http://x/m/labels/' },
      { label: 'paheko 0.1.0', note: 'not yet' },
    ],
  }
  const tree = renderTree({
    label: 'Recyclique 0.1.0',
    ms: 812,
    below: [{ label: 'kernel', ms: 310, note: 'http://x' }, modules],
  })

  expect(tree.split('\n')).toEqual([
    'Recyclique 0.1.0      812 ms',
    '├─ kernel             310 ms  http://x',
    '└─ modules',
    '   ├─ labels 1.0.0    220 ms  http://x/m/labels/',
    '   └─ paheko 0.1.0            not yet',
  ])
})

test('a line of pino is shown with its time, its source and its plain details', () => {
  const { shown, hear, open } = screen()
  open()
  hear('kernel', pino({ msg: 'selling', url: 'http://x', req: { id: 1 } }))
  hear('kernel', pino({ level: 50, msg: 'it failed', err: { message: 'disk full', stack: 'at …' } }))

  expect(shown).toEqual([
    '12:03:04 kernel       selling  url=http://x\n',
    '12:03:04 kernel       it failed  (disk full)\n',
  ])
})

test('of nats-server only warnings and errors are shown', () => {
  const { shown, hear, open } = screen()
  open()
  hear('nats-server', '[1] 2026/05/01 12:03:04.000001 [INF] Server is ready')
  hear('nats-server', '[1] 2026/05/01 12:03:04.000001 [WRN] Maximum reached')

  expect(shown).toEqual(['12:03:04 nats-server  Maximum reached\n'])
})

test('any other text is shown as it is, and an empty line not at all', () => {
  const { shown, hear, open } = screen()
  open()
  for (const line of ['{ not json', '', 'plain']) hear('labels', line)

  expect(shown).toEqual(['12:03:04 labels       { not json\n', '12:03:04 labels       plain\n'])
})

test('before the tree only warnings and errors are kept, and shown after it', () => {
  const { shown, hear, print, open } = screen()
  hear('kernel', pino({ msg: 'starting' }))
  hear('kernel', pino({ level: 40, msg: 'no disk cache' }))
  print('the tree')
  open()

  expect(shown).toEqual(['the tree\n', '12:03:04 kernel       no disk cache\n'])
})

test('colours are for terminals, and NO_COLOR is honoured', () => {
  const ESCAPE = '\u001b['
  const line = (env: NodeJS.ProcessEnv, isTTY: boolean) => {
    const { shown, say, open } = screen(env, isTTY)
    open()
    say('hello')
    return shown.join('')
  }
  expect(line({}, true)).toContain(ESCAPE)
  expect(line({ NO_COLOR: '1' }, true)).not.toContain(ESCAPE)
  expect(line({}, false)).not.toContain(ESCAPE)
})
