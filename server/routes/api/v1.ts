// The path /api/v1 itself is the team of the API key. server/api/v1 answers the paths below it.
export default defineEventHandler(answerFromOwnTeam)
