// The routes of the team that an API key belongs to, without its id.
export default defineEventHandler(answerFromOwnTeam)
