import type { Session } from './as.ts'
import { acme, type Person } from './world.ts'

/** The requester of a ticket as the row has it. */
export const requesterOf = async (sql: Session['sql'], id: string) => {
  const [row] = await sql`select contact_id, requester_name, requester_email from tickets where id = ${id}`
  return row
}

/** Inserts a ticket of Acme and returns its id. */
export const newTicket = async (sql: Session['sql'], by: Person, fields: Record<string, unknown>) => {
  const [{ id }] = await sql<
    [{ id: string }]
  >`insert into tickets ${sql({ team_id: acme.id, subject: 'x', description: 'x', created_by: by.id, ...fields })} returning id`
  return id
}
