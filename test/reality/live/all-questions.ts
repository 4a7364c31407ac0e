import { githubQuestions } from './github-questions.ts'
import { accountQuestions } from './hub-account.ts'
import { jobQuestions } from './hub-jobs.ts'
import type { Question } from './questions.ts'

/** Everything that only a live account can show: what costs nothing comes first. */
export const allQuestions: readonly Question[] = [...accountQuestions, ...githubQuestions, ...jobQuestions]
