// /api/v1 alone is the team itself; what lies beneath it is answered by server/api/v1.
export default defineEventHandler(answerFromOwnTeam)
