/** What keeps the kernel from doing all its work at the moment. The till sells through every one of them. */
export interface Trouble {
  readonly words: string
  /** What is kept or told is in doubt until a person has looked: whoever watches from outside is told that the kernel is unwell. */
  readonly isGrave: boolean
}
