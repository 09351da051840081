/** Who calls, and in which team. What they may do follows from `db`, which carries their identity. */
export interface Caller {
  teamId: string
  userId: string
}
