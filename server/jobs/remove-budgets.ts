import { removeFullBudgets } from '../db/budgets'
import type { Job } from './boss'

export const removeBudgetsJob: Job = {
  name: 'remove-budgets',
  run: removeFullBudgets
}
