/** The command was written wrongly: the message says what is wrong and what to type. Ends with exit code 2. */
export class BadUse extends Error {}

/** Something outside does not allow it: the message says what, and what to do. Ends with exit code 1, without a stack. */
export class CannotDo extends Error {}
