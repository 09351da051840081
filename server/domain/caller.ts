/** The caller and their team. Their permissions come from `db`, which runs under their identity. */
export interface Caller {
  teamId: string
  userId: string
}
