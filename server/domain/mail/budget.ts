import { sql } from 'kysely'
import type { MailBudget } from '#shared/types/api'
import type { Db } from '../../db/types'

type Row = { level: MailBudget['level']; answers: number; kind: 'invitation' | 'client'; size: number; used: number; frees_at: Date | null }

/** How many mails a team may send to strangers in 24 hours, and how many it has sent. Throws 403 without `jobs.manage`. */
export async function getMailBudget(db: Db, teamId: string): Promise<MailBudget> {
  const { rows } = await sql<Row>`select * from private.team_mail_budget(${teamId})`.execute(db)
  const budgetOf = (kind: Row['kind']) => {
    const { size, used, frees_at } = rows.find(row => row.kind === kind)!
    return { size, used, frees_at: frees_at as unknown as string | null }
  }
  return { level: rows[0]!.level, answers: rows[0]!.answers, invitations: budgetOf('invitation'), client_mails: budgetOf('client') }
}
