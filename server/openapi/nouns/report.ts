import { reportSummary, slaReport, teamStats } from '#shared/schemas/answers/report'
import { reportQuery, reportTableQuery, slaReportQuery } from '#shared/schemas/report'
import { file, json, type Noun } from '../describe'

export const reports: Noun = {
  name: 'Reports',
  description: "Figures about the team's work.",
  routes: {
    'GET /teams/[teamId]/stats': {
      id: 'getStats',
      summary: 'Read the dashboard',
      permission: 'team.view',
      answers: { 200: json(teamStats, 'The current figures of the team.') }
    },
    'GET /teams/[teamId]/analytics/summary': {
      id: 'getReport',
      summary: 'Read the report',
      permission: 'team.view',
      query: reportQuery,
      answers: { 200: json(reportSummary, 'The report of the requested number of days.') }
    },
    'GET /teams/[teamId]/analytics/sla': {
      id: 'getSlaReport',
      summary: 'Read how the team kept its SLA',
      permission: 'team.view',
      query: slaReportQuery,
      answers: { 200: json(slaReport, 'The results of the requested days.') }
    },
    'GET /teams/[teamId]/analytics/report.csv': {
      id: 'downloadReport',
      summary: 'Download a table of the report',
      permission: 'team.view',
      query: reportTableQuery,
      answers: { 200: file('The table, in UTF-8 with a byte order mark.', 'text/csv') }
    }
  }
}
