import { startChild } from '../../../cli/up/child.ts'
import { startLeash } from '../../../cli/up/leash.ts'

// A supervisor of one child, which starts a child of its own that hears no SIGTERM. Says their numbers, and lives until it is killed.
const leash = startLeash(() => {})
startChild({
  script: 'test/cli/support/with-grandchild.ts',
  env: process.env,
  leash,
  onLine: (line) => console.log(line),
})
