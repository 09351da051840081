import { acme, bob, initech, unknownId } from '../world.ts'
import { agents, everybody, managers, owners } from './principals.ts'
import type { AuthorizationRow } from './row.ts'

const { carla, mona } = acme.contacts
const ofContact = (team: { contacts: { mona: string } }) => ({ contactId: team.contacts.mona })
const newAddress = { address: 'second@minor.test' }

export const contacts: AuthorizationRow[] = [
  {
    does: 'lists contacts',
    by: everybody,
    key: 'read',
    route: { request: 'GET /teams/[teamId]/contacts', status: 200 },
    sql: { table: 'public.contacts', run: sql => sql`select * from contacts where id = ${carla}` }
  },
  {
    does: 'lists a page of contacts',
    by: everybody,
    key: 'read',
    route: { request: 'GET /teams/[teamId]/contacts', status: 200, query: '?page=1' },
    sql: { table: 'private.contact_rows', run: sql => sql`select * from private.contact_rows where id = ${carla}` }
  },
  {
    does: 'searches contacts',
    by: everybody,
    key: 'read',
    route: { request: 'GET /teams/[teamId]/contacts', status: 200, query: '?q=mona' },
    sql: {
      table: 'public.contacts',
      calls: 'found_contacts',
      run: sql => sql`select id from private.found_contacts(${acme.id}, '{mona,minor}') as id`
    }
  },
  {
    does: 'reads a contact',
    by: everybody,
    key: 'read',
    route: { request: 'GET /teams/[teamId]/contacts/[contactId]', status: 200, parameters: ofContact },
    sql: { table: 'public.contact_addresses', run: sql => sql`select * from contact_addresses where contact_id = ${mona}` }
  },
  {
    does: 'adds a contact',
    by: agents,
    key: 'write',
    route: { request: 'POST /teams/[teamId]/contacts', status: 201, body: () => ({ email: 'new@minor.test' }) },
    sql: {
      table: 'public.contacts',
      run: (sql, { id }) =>
        sql`
          insert into contacts (team_id, name, locale, time_zone, organization_id, notes, created_by)
          values (${acme.id}, 'New', 'de', 'Europe/Berlin', ${acme.organization}, 'x', ${id}) returning id`
    }
  },
  {
    does: "adds a contact in Bob's name",
    by: [],
    sql: {
      table: 'public.contacts',
      run: (sql, { id }) =>
        id === bob.id
          ? Promise.resolve([])
          : sql`insert into contacts (team_id, name, created_by) values (${acme.id}, 'New', ${bob.id}) returning id`
    }
  },
  {
    does: 'changes a contact',
    by: agents,
    key: 'write',
    route: {
      request: 'PATCH /teams/[teamId]/contacts/[contactId]',
      status: 200,
      parameters: ofContact,
      body: () => ({ name: 'Mona Major' })
    },
    sql: {
      table: 'public.contacts',
      run: sql =>
        sql`
          update contacts set name = 'Other', locale = 'de', time_zone = 'Europe/Berlin', organization_id = null, notes = 'x'
          where id = ${mona} returning id`
    }
  },
  ...Object.entries({
    id: unknownId,
    team_id: initech.id,
    user_id: bob.id,
    merged_into: carla,
    blocked_at: '2020-01-01',
    signed_out_at: '2020-01-01',
    created_by: bob.id,
    created_at: '2020-01-01',
    updated_at: '2020-01-01'
  }).map(([column, value]): AuthorizationRow => ({
    does: `writes ${column} of a contact`,
    by: [],
    sql: { table: 'public.contacts', run: sql => sql`update contacts set ${sql({ [column]: value })} where id = ${mona} returning id` }
  })),
  {
    does: 'blocks a contact',
    by: managers,
    route: {
      request: 'PATCH /teams/[teamId]/contacts/[contactId]',
      status: 200,
      parameters: ofContact,
      body: () => ({ is_blocked: true })
    },
    sql: {
      table: 'public.contacts',
      calls: 'block_contact',
      run: sql => sql`select private.block_contact(${acme.id}, ${mona}, true)`
    }
  },
  {
    does: 'signs a contact out of the portal',
    by: agents,
    key: 'write',
    route: { request: 'DELETE /teams/[teamId]/contacts/[contactId]/sessions', status: 200, parameters: ofContact },
    sql: {
      table: 'public.contacts',
      calls: 'end_contact_sessions',
      run: sql => sql`select * from private.end_contact_sessions(${acme.id}, ${mona})`
    }
  },
  {
    does: 'adds an address to a contact',
    by: agents,
    key: 'write',
    route: {
      request: 'POST /teams/[teamId]/contacts/[contactId]/addresses',
      status: 201,
      parameters: ofContact,
      body: () => newAddress
    },
    sql: {
      table: 'public.contact_addresses',
      run: sql =>
        sql`insert into contact_addresses (team_id, address, contact_id) values (${acme.id}, 'second@minor.test', ${mona}) returning address`
    }
  },
  {
    does: 'makes an address of a contact the primary one',
    by: agents,
    key: 'write',
    route: {
      request: 'PATCH /teams/[teamId]/contacts/[contactId]/addresses',
      status: 200,
      parameters: ofContact,
      body: () => ({ address: 'mona@minor.test', is_primary: true })
    },
    sql: {
      table: 'public.contact_addresses',
      calls: 'set_primary_address',
      run: sql => sql`select private.set_primary_address(${acme.id}, ${carla}, 'carl@client.test')`
    }
  },
  {
    does: 'removes an address of a contact',
    by: agents,
    key: 'write',
    route: {
      request: 'DELETE /teams/[teamId]/contacts/[contactId]/addresses',
      status: 204,
      parameters: team => ({ contactId: team.contacts.carla }),
      query: '?address=carl@client.test'
    },
    sql: {
      table: 'public.contact_addresses',
      run: sql => sql`delete from contact_addresses where team_id = ${acme.id} and address = 'carl@client.test' returning address`
    }
  },
  {
    does: 'changes an address of a contact',
    by: [],
    sql: {
      table: 'public.contact_addresses',
      run: sql => sql`update contact_addresses set contact_id = ${mona} where address = 'carl@client.test' returning address`
    }
  },
  {
    does: 'lists the merges of a contact',
    by: managers,
    route: {
      request: 'GET /teams/[teamId]/contacts/[contactId]/merges',
      status: 200,
      parameters: team => ({ contactId: team.contacts.carla })
    },
    sql: { table: 'public.contact_merges', run: sql => sql`select id, addresses from contact_merges where id = ${acme.merge}` }
  },
  {
    does: 'merges two contacts',
    by: managers,
    route: {
      request: 'POST /teams/[teamId]/contacts/merges',
      status: 201,
      body: team => ({ contact_id: team.contacts.carla, duplicate_id: team.contacts.mona })
    },
    sql: {
      table: 'public.contacts',
      calls: 'merge_contacts',
      run: sql => sql`select private.merge_contacts(${acme.id}, ${carla}, ${mona})`
    }
  },
  {
    does: 'undoes a merge of contacts',
    by: managers,
    route: {
      request: 'POST /teams/[teamId]/contacts/merges/[mergeId]/undo',
      status: 200,
      parameters: team => ({ mergeId: team.merge })
    },
    sql: { table: 'public.contacts', calls: 'undo_merge', run: sql => sql`select private.undo_merge(${acme.id}, ${acme.merge})` }
  },
  {
    does: 'erases a contact',
    by: owners,
    route: { request: 'DELETE /teams/[teamId]/contacts/[contactId]', status: 204, parameters: ofContact },
    sql: { table: 'public.contacts', calls: 'erase_contact', run: sql => sql`select private.erase_contact(${acme.id}, ${mona})` }
  },
  {
    does: 'deletes a contact without its tickets',
    by: [],
    sql: { table: 'public.contacts', run: sql => sql`delete from contacts where id = ${mona} returning id` }
  }
]

const ofOrganization = (team: { organization: string }) => ({ organizationId: team.organization })

export const organizations: AuthorizationRow[] = [
  {
    does: 'lists organizations',
    by: everybody,
    key: 'read',
    route: { request: 'GET /teams/[teamId]/organizations', status: 200 },
    sql: { table: 'public.organizations', run: sql => sql`select * from organizations where id = ${acme.organization}` }
  },
  {
    does: 'reads an organization',
    by: everybody,
    key: 'read',
    route: { request: 'GET /teams/[teamId]/organizations/[organizationId]', status: 200, parameters: ofOrganization },
    sql: { table: 'private.organization_rows', run: sql => sql`select * from private.organization_rows where id = ${acme.organization}` }
  },
  {
    does: 'reads the domains of an organization',
    by: everybody,
    key: 'read',
    sql: {
      table: 'public.organization_domains',
      run: sql => sql`select * from organization_domains where organization_id = ${acme.organization}`
    }
  },
  {
    does: 'finds the organization of an address',
    by: everybody,
    key: 'read',
    sql: {
      table: 'public.organization_domains',
      calls: 'organization_of',
      run: sql => sql`select id from private.organization_of(${acme.id}, 'new@client.test') as id where id is not null`
    }
  },
  {
    does: 'adds an organization',
    by: managers,
    route: { request: 'POST /teams/[teamId]/organizations', status: 201, body: () => ({ name: 'New' }) },
    sql: {
      table: 'public.organizations',
      run: (sql, { id }) =>
        sql`
          insert into organizations (team_id, name, tier, notes, shares_tickets, created_by)
          values (${acme.id}, 'New', 'Gold', 'x', true, ${id}) returning id`
    }
  },
  {
    does: "adds an organization in Bob's name",
    by: [],
    sql: {
      table: 'public.organizations',
      run: sql => sql`insert into organizations (team_id, name, created_by) values (${acme.id}, 'New', ${bob.id}) returning id`
    }
  },
  {
    does: 'changes an organization',
    by: managers,
    route: {
      request: 'PATCH /teams/[teamId]/organizations/[organizationId]',
      status: 200,
      parameters: ofOrganization,
      body: () => ({ tier: 'Gold' })
    },
    sql: {
      table: 'public.organizations',
      run: sql =>
        sql`
          update organizations set name = 'Other', tier = 'Gold', notes = 'x', shares_tickets = true
          where id = ${acme.organization} returning id`
    }
  },
  ...Object.entries({ id: unknownId, team_id: initech.id, created_by: bob.id, created_at: '2020-01-01' }).map(
    ([column, value]): AuthorizationRow => ({
      does: `writes ${column} of an organization`,
      by: [],
      sql: {
        table: 'public.organizations',
        run: sql => sql`update organizations set ${sql({ [column]: value })} where id = ${acme.organization} returning id`
      }
    })
  ),
  {
    does: 'adds a domain to an organization',
    by: managers,
    sql: {
      table: 'public.organization_domains',
      run: sql =>
        sql`
          insert into organization_domains (team_id, domain, organization_id)
          values (${acme.id}, 'corp.test', ${acme.organization}) returning domain`
    }
  },
  {
    does: 'removes a domain from an organization',
    by: managers,
    sql: {
      table: 'public.organization_domains',
      run: sql => sql`delete from organization_domains where organization_id = ${acme.organization} returning domain`
    }
  },
  {
    does: 'counts what sharing tickets would show',
    by: managers,
    route: { request: 'GET /teams/[teamId]/organizations/[organizationId]/sharing', status: 200, parameters: ofOrganization }
  },
  {
    does: 'counts the contacts and tickets of an organization',
    by: everybody,
    key: 'read',
    sql: {
      table: 'public.organizations',
      calls: 'shared_tickets',
      run: sql => sql`select * from private.shared_tickets(${acme.id}, ${acme.organization}) where contacts > 0`
    }
  },
  {
    does: 'deletes an organization',
    by: managers,
    route: {
      request: 'DELETE /teams/[teamId]/organizations/[organizationId]',
      status: 204,
      parameters: ofOrganization
    },
    sql: { table: 'public.organizations', run: sql => sql`delete from organizations where id = ${acme.organization} returning id` }
  }
]

const ofProject = (team: { project: string }) => ({ projectId: team.project })

export const projects: AuthorizationRow[] = [
  {
    does: 'lists projects',
    by: everybody,
    key: 'read',
    route: { request: 'GET /teams/[teamId]/projects', status: 200 },
    sql: { table: 'public.projects', run: sql => sql`select * from projects where id = ${acme.project}` }
  },
  {
    does: 'adds a project',
    by: managers,
    route: { request: 'POST /teams/[teamId]/projects', status: 201, body: () => ({ name: 'New' }) },
    sql: {
      table: 'public.projects',
      run: (sql, { id }) =>
        sql`
          insert into projects (team_id, name, organization_id, created_by)
          values (${acme.id}, 'New', ${acme.organization}, ${id}) returning id`
    }
  },
  {
    does: "adds a project in Bob's name",
    by: [],
    sql: {
      table: 'public.projects',
      run: sql => sql`insert into projects (team_id, name, created_by) values (${acme.id}, 'New', ${bob.id}) returning id`
    }
  },
  {
    does: 'changes a project',
    by: managers,
    route: {
      request: 'PATCH /teams/[teamId]/projects/[projectId]',
      status: 200,
      parameters: ofProject,
      body: () => ({ is_archived: true })
    },
    sql: {
      table: 'public.projects',
      run: sql =>
        sql`update projects set name = 'Other', organization_id = null, archived_at = now() where id = ${acme.project} returning id`
    }
  },
  ...Object.entries({ id: unknownId, team_id: initech.id, created_by: bob.id, created_at: '2020-01-01', updated_at: '2020-01-01' }).map(
    ([column, value]): AuthorizationRow => ({
      does: `writes ${column} of a project`,
      by: [],
      sql: {
        table: 'public.projects',
        run: sql => sql`update projects set ${sql({ [column]: value })} where id = ${acme.project} returning id`
      }
    })
  ),
  {
    does: 'deletes a project',
    by: managers,
    route: { request: 'DELETE /teams/[teamId]/projects/[projectId]', status: 204, parameters: ofProject },
    sql: { table: 'public.projects', run: sql => sql`delete from projects where id = ${acme.project} returning id` }
  }
]

const ofParticipant = (team: { tickets: { bobs: string }; contacts: { mona: string } }) => ({
  ticketId: team.tickets.bobs,
  contactId: team.contacts.mona
})

export const participants: AuthorizationRow[] = [
  {
    does: 'lists the participants of a ticket',
    by: everybody,
    key: 'read',
    route: {
      request: 'GET /teams/[teamId]/tickets/[ticketId]/participants',
      status: 200,
      parameters: team => ({ ticketId: team.tickets.bobs })
    },
    sql: { table: 'public.ticket_participants', run: sql => sql`select * from ticket_participants where contact_id = ${mona}` }
  },
  {
    does: 'adds a participant to a ticket',
    by: agents,
    key: 'write',
    route: {
      request: 'POST /teams/[teamId]/tickets/[ticketId]/participants',
      status: 201,
      parameters: team => ({ ticketId: team.tickets.bobs }),
      body: team => ({ contact_id: team.contacts.carla })
    },
    sql: {
      table: 'public.ticket_participants',
      run: (sql, { id }) =>
        sql`
          insert into ticket_participants (team_id, ticket_id, contact_id, added_by)
          values (${acme.id}, ${acme.tickets.bobs}, ${carla}, ${id}) returning contact_id`
    }
  },
  {
    does: 'shows earlier messages to a participant',
    by: agents,
    route: {
      request: 'PATCH /teams/[teamId]/tickets/[ticketId]/participants/[contactId]',
      status: 200,
      parameters: ofParticipant,
      body: () => ({ can_read_history: true })
    },
    sql: {
      table: 'public.ticket_participants',
      run: sql => sql`update ticket_participants set can_read_history = true where contact_id = ${mona} returning contact_id`
    }
  },
  {
    does: 'hides earlier messages from a participant',
    by: agents,
    key: 'write',
    sql: {
      table: 'public.ticket_participants',
      run: sql => sql`update ticket_participants set can_read_history = false where contact_id = ${mona} returning contact_id`
    }
  },
  ...Object.entries({ team_id: initech.id, contact_id: carla, added_by: bob.id, created_at: '2020-01-01' }).map(
    ([column, value]): AuthorizationRow => ({
      does: `writes ${column} of a participant`,
      by: [],
      sql: {
        table: 'public.ticket_participants',
        run: sql => sql`update ticket_participants set ${sql({ [column]: value })} where contact_id = ${mona} returning contact_id`
      }
    })
  ),
  {
    does: 'removes a participant from a ticket',
    by: agents,
    key: 'write',
    route: {
      request: 'DELETE /teams/[teamId]/tickets/[ticketId]/participants/[contactId]',
      status: 204,
      parameters: ofParticipant
    },
    sql: {
      table: 'public.ticket_participants',
      run: sql => sql`delete from ticket_participants where contact_id = ${mona} returning contact_id`
    }
  }
]
