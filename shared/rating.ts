// Free of zod, because code that only shows a rating needs no validation.
/** The labels of the scores 1 to 5. */
export const ratingMeanings = ['Bad', 'Poor', 'All right', 'Good', 'Excellent'] as const
