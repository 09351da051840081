// Without the schemas, and so without zod: what only shows a rating needs no validation.
/** What each score means, from 1 to 5. */
export const ratingMeanings = ['Bad', 'Poor', 'All right', 'Good', 'Excellent'] as const
