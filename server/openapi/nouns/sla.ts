import { policyApplication, slaClock, slaPolicy, slaSimulation, slaSimulationClock } from '#shared/schemas/answers/sla'
import { pageQuery } from '#shared/schemas/page'
import { policyCreate, policyUpdate, slaSimulationCreate } from '#shared/schemas/sla'
import { deleted, json, list, type Noun } from '../describe'

const escalationMember = '`escalation_member`: a new escalation names somebody who is not in the team, or assigns to a viewer.'

export const sla: Noun = {
  name: 'SLA',
  description:
    'Policies promise how soon the team answers and resolves which tickets. The first active policy that matches a ticket starts its ' +
    'clocks: first response, next response and resolution. Each clock keeps the policy as it was, and a receipt of how it counted.',
  routes: {
    'GET /teams/[teamId]/sla-policies': {
      id: 'listSlaPolicies',
      summary: 'List SLA policies',
      permission: 'sla.view',
      query: pageQuery,
      answers: { 200: list(slaPolicy, 'In the order in which they are tried.') }
    },
    'POST /teams/[teamId]/sla-policies': {
      id: 'createSlaPolicy',
      summary: 'Add an SLA policy',
      description: 'It applies to new tickets. For open ones call `POST …/sla-policies/apply`.',
      permission: 'sla.manage',
      body: policyCreate,
      answers: { 201: json(slaPolicy, 'The new policy.') },
      refusals: { 422: `\`policy_limit\`: a team has at most 50 policies. ${escalationMember}` }
    },
    'PATCH /teams/[teamId]/sla-policies/[policyId]': {
      id: 'updateSlaPolicy',
      summary: 'Change an SLA policy',
      description: 'Clocks keep the policy as it was. For open tickets call `POST …/sla-policies/apply`.',
      permission: 'sla.manage',
      body: policyUpdate,
      answers: { 200: json(slaPolicy, 'The policy as it is now.') },
      refusals: { 422: escalationMember }
    },
    'DELETE /teams/[teamId]/sla-policies/[policyId]': {
      id: 'deleteSlaPolicy',
      summary: 'Delete an SLA policy',
      description: 'Its clocks go on as they are.',
      permission: 'sla.manage',
      answers: deleted
    },
    'POST /teams/[teamId]/sla-policies/apply': {
      id: 'applySlaPolicies',
      summary: 'Apply the policies to open tickets',
      description:
        'A job gives the clocks of all open tickets the policy that matches now, counted from the same start. Ended clocks stay as they are.',
      permission: 'sla.manage',
      answers: { 202: json(policyApplication, 'The job has started.') }
    },
    'POST /teams/[teamId]/sla-policies/simulate': {
      id: 'simulateSla',
      summary: 'Try a policy or calendar on the last 90 days',
      description:
        'A job replays the tickets that were created in the last 90 days: their messages, statuses, snoozes, priorities and reopenings, under ' +
        'the policies as they are and under the draft. Nothing is saved or changed. Imported tickets are left out. Read the simulation to ' +
        'follow it.',
      permission: 'sla.manage',
      body: slaSimulationCreate,
      answers: { 202: json(slaSimulation, 'The simulation has started.') },
      refusals: {
        404: 'The team has no such policy or calendar.',
        409: '`simulation_running`: another simulation of the team is not finished.',
        422: '`calendar_empty`: the calendar would never be open.'
      }
    },
    'GET /teams/[teamId]/sla-simulations': {
      id: 'listSlaSimulations',
      summary: 'List SLA simulations',
      permission: 'sla.view',
      query: pageQuery,
      answers: { 200: list(slaSimulation, 'Those of the last day, the newest first; at most 11.') }
    },
    'GET /teams/[teamId]/sla-simulations/[simulationId]': {
      id: 'getSlaSimulation',
      summary: 'Follow an SLA simulation',
      permission: 'sla.view',
      answers: { 200: json(slaSimulation, 'The simulation with its progress and results.') }
    },
    'DELETE /teams/[teamId]/sla-simulations/[simulationId]': {
      id: 'deleteSlaSimulation',
      summary: 'Cancel or delete an SLA simulation',
      permission: 'sla.manage',
      answers: deleted
    },
    'GET /teams/[teamId]/sla-simulations/[simulationId]/clocks': {
      id: 'listSlaSimulationClocks',
      summary: 'List the clocks with another result',
      permission: 'sla.view',
      query: pageQuery,
      answers: { 200: list(slaSimulationClock, 'Those of the newest tickets first.') }
    },
    'GET /teams/[teamId]/tickets/[ticketId]/sla': {
      id: 'listSlaClocks',
      summary: 'List the SLA clocks of a ticket',
      permission: 'sla.view',
      query: pageQuery,
      answers: { 200: list(slaClock, 'Open clocks first, then ended ones, the newest first; each with its receipt.') }
    }
  }
}
