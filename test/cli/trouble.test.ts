import { expect, test } from 'vitest'
import { troubleIn } from '../../cli/dev/trouble.ts'

const FOLDER = '/home/ana/modules/labels'

test.each([
  [
    'Node, while it reads',
    [
      `file://${FOLDER}/module.ts:12`,
      '  .answer(PriceSuggest, (',
      '                        ^',
      '',
      "SyntaxError [ERR_INVALID_TYPESCRIPT_SYNTAX]: Expected ')', got 'eof'",
      '    at parseTypeScript (node:internal/modules/typescript:84:40)',
    ],
    "module.ts:12: SyntaxError [ERR_INVALID_TYPESCRIPT_SYNTAX]: Expected ')', got 'eof'",
  ],
  [
    'Node, while it runs',
    [
      'ReferenceError: shelf is not defined',
      '    at deep (file:///srv/sdk/routes.ts:3:1)',
      `    at ${'open'} (file://${FOLDER}/lib/prices.ts:7:9)`,
      `    at file://${FOLDER}/main.ts:9:1`,
    ],
    'lib/prices.ts:7: ReferenceError: shelf is not defined',
  ],
  [
    'Python: the innermost call',
    [
      'Traceback (most recent call last):',
      `  File "${FOLDER}/main.py", line 21, in <module>`,
      `  File "${FOLDER}/module.py", line 4`,
      '    def suggest(:',
      "SyntaxError: '(' was never closed",
    ],
    "module.py:4: SyntaxError: '(' was never closed",
  ],
  [
    'Go: the first thing that the compiler finds',
    ['# labels', './module.go:12:3: undefined: shelf', './module.go:14:2: undefined: box'],
    'module.go:12: undefined: shelf',
  ],
  [
    'Go: a panic',
    ['panic: no shelf', '', 'goroutine 1 [running]:', 'main.main()', `\t${FOLDER}/main.go:9 +0x1d`],
    'main.go:9: panic: no shelf',
  ],
  ['somebody else’s code', ['Error: no', '    at file:///srv/sdk/routes.ts:3:1'], undefined],
  ['a library of its own', ['Error: no', `    at file://${FOLDER}/node_modules/a/b.js:3:1`], undefined],
  ['words for a person', ['The kernel rejects labels:', '- It names no hook.'], undefined],
])('%s: the place in the module and what is wrong there', (_, lines, found) => {
  expect(troubleIn(lines, FOLDER)).toBe(found)
})
