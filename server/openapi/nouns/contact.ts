import { contact, contactMergeAnswer, endedSessions, organization, participant, project, sharing } from '#shared/schemas/answers/contact'
import {
  contactAddressCreate,
  contactAddressQuery,
  contactAddressUpdate,
  contactCreate,
  contactMerge,
  contactQuery,
  contactUpdate,
  organizationCreate,
  organizationUpdate,
  participantCreate,
  participantUpdate,
  projectCreate,
  projectUpdate
} from '#shared/schemas/contact'
import { pageQuery } from '#shared/schemas/page'
import { deleted, json, list, type Noun } from '../describe'

export const contacts: Noun = {
  name: 'Contacts',
  description:
    'The people outside the team who write to it. A ticket with `requester_email` belongs to the contact with that address, who is added ' +
    'if there is none; `requester_name` and `requester_email` of their tickets follow the contact.',
  routes: {
    'GET /teams/[teamId]/contacts': {
      id: 'listContacts',
      summary: 'List contacts',
      permission: 'contacts.view',
      query: contactQuery,
      answers: { 200: list(contact, "The team's contacts, by name.") }
    },
    'POST /teams/[teamId]/contacts': {
      id: 'createContact',
      summary: 'Add a contact',
      permission: 'contacts.manage',
      body: contactCreate,
      answers: { 201: json(contact, 'The new contact.') },
      refusals: { 409: '`address_taken`: another contact has this address.', 422: '`own_address`: an address of the team itself.' }
    },
    'GET /teams/[teamId]/contacts/[contactId]': {
      id: 'getContact',
      summary: 'Read a contact',
      permission: 'contacts.view',
      answers: { 200: json(contact, 'The contact.') }
    },
    'PATCH /teams/[teamId]/contacts/[contactId]': {
      id: 'updateContact',
      summary: 'Change or block a contact',
      permission: 'contacts.manage',
      body: contactUpdate,
      answers: { 200: json(contact, 'The contact as it is now. `is_blocked` is for owners and admins.') }
    },
    'DELETE /teams/[teamId]/contacts/[contactId]': {
      id: 'eraseContact',
      summary: 'Erase a contact from the team and its tickets',
      permission: 'contacts.erase',
      answers: deleted
    },
    'DELETE /teams/[teamId]/contacts/[contactId]/sessions': {
      id: 'endContactSessions',
      summary: 'Sign a contact out of the portal',
      permission: 'contacts.manage',
      answers: {
        200: json(
          endedSessions,
          'What ended. The sessions of their account cannot open the portal of this team any more, and are not counted.'
        )
      }
    },
    'POST /teams/[teamId]/contacts/[contactId]/addresses': {
      id: 'addContactAddress',
      summary: 'Add an address to a contact',
      permission: 'contacts.manage',
      body: contactAddressCreate,
      answers: { 201: json(contact, 'The contact as it is now.') },
      refusals: {
        409: '`address_taken`: another contact has this address.',
        422: '`own_address`: an address of the team itself. `address_limit`: a contact has at most 20 addresses.'
      }
    },
    'PATCH /teams/[teamId]/contacts/[contactId]/addresses': {
      id: 'makeContactAddressPrimary',
      summary: 'Make an address of a contact the primary one',
      permission: 'contacts.manage',
      body: contactAddressUpdate,
      answers: { 200: json(contact, 'The contact as it is now.') }
    },
    'DELETE /teams/[teamId]/contacts/[contactId]/addresses': {
      id: 'removeContactAddress',
      summary: 'Remove an address from a contact',
      permission: 'contacts.manage',
      query: contactAddressQuery,
      answers: deleted,
      refusals: { 422: '`last_address`: a contact keeps its last address.' }
    },
    'GET /teams/[teamId]/contacts/[contactId]/merges': {
      id: 'listContactMerges',
      summary: 'List the merges into a contact',
      permission: 'contacts.merge',
      query: pageQuery,
      answers: { 200: list(contactMergeAnswer, 'The merges, newest first.') }
    },
    'POST /teams/[teamId]/contacts/merges': {
      id: 'mergeContacts',
      summary: 'Merge a duplicate into a contact',
      permission: 'contacts.merge',
      body: contactMerge,
      answers: { 201: json(contactMergeAnswer, 'The merge.') },
      refusals: { 422: '`same_contact`, `two_accounts`: both have an account of the portal. `address_limit`: at most 20 addresses.' }
    },
    'POST /teams/[teamId]/contacts/merges/[mergeId]/undo': {
      id: 'undoContactMerge',
      summary: 'Undo a merge of contacts',
      permission: 'contacts.merge',
      answers: { 200: json(contactMergeAnswer, 'The merge, undone.') },
      refusals: { 409: '`already_undone`, `still_running`.' }
    },
    'GET /teams/[teamId]/organizations': {
      id: 'listOrganizations',
      summary: 'List organizations',
      permission: 'contacts.view',
      query: pageQuery,
      answers: { 200: list(organization, "The team's organizations, by name.") }
    },
    'POST /teams/[teamId]/organizations': {
      id: 'createOrganization',
      summary: 'Add an organization',
      permission: 'organizations.manage',
      body: organizationCreate,
      answers: { 201: json(organization, 'The new organization.') },
      refusals: {
        409: '`domain_taken`: another organization lists the domain.',
        422: '`mail_provider`, `public_suffix`: the domain belongs to anybody. `domain_limit`: at most 50 domains.'
      }
    },
    'GET /teams/[teamId]/organizations/[organizationId]': {
      id: 'getOrganization',
      summary: 'Read an organization',
      permission: 'contacts.view',
      answers: { 200: json(organization, 'The organization.') }
    },
    'PATCH /teams/[teamId]/organizations/[organizationId]': {
      id: 'updateOrganization',
      summary: 'Change an organization',
      permission: 'organizations.manage',
      body: organizationUpdate,
      answers: { 200: json(organization, 'The organization as it is now.') },
      refusals: {
        409: '`domain_taken`: another organization lists the domain.',
        422: '`mail_provider`, `public_suffix`: the domain belongs to anybody. `domain_limit`: at most 50 domains.'
      }
    },
    'DELETE /teams/[teamId]/organizations/[organizationId]': {
      id: 'deleteOrganization',
      summary: 'Delete an organization',
      permission: 'organizations.manage',
      answers: deleted,
      refusals: { 409: '`project_used`: tickets name one of its projects.' }
    },
    'GET /teams/[teamId]/organizations/[organizationId]/sharing': {
      id: 'previewSharing',
      summary: 'Count what sharing its tickets would show to whom',
      permission: 'organizations.manage',
      answers: { 200: json(sharing, 'How many tickets would become visible to how many contacts.') }
    },
    'GET /teams/[teamId]/tickets/[ticketId]/participants': {
      id: 'listParticipants',
      summary: 'List the participants of a ticket',
      permission: 'tickets.view',
      query: pageQuery,
      answers: { 200: list(participant, 'The contacts besides the requester who take part.') }
    },
    'POST /teams/[teamId]/tickets/[ticketId]/participants': {
      id: 'addParticipant',
      summary: 'Let a contact take part in a ticket',
      permission: 'tickets.update',
      body: participantCreate,
      answers: { 201: json(participant, 'The participant.') },
      refusals: {
        422: '`is_requester`. `own_address`: an address of the team itself. `participant_limit`: at most 20 participants.'
      }
    },
    'PATCH /teams/[teamId]/tickets/[ticketId]/participants/[contactId]': {
      id: 'updateParticipant',
      summary: 'Choose whether a participant may read earlier messages',
      permission: 'tickets.update',
      body: participantUpdate,
      answers: { 200: json(participant, 'The participant as it is now.') }
    },
    'DELETE /teams/[teamId]/tickets/[ticketId]/participants/[contactId]': {
      id: 'removeParticipant',
      summary: 'Remove a participant from a ticket',
      permission: 'tickets.update',
      answers: deleted
    },
    'GET /teams/[teamId]/projects': {
      id: 'listProjects',
      summary: 'List projects',
      permission: 'contacts.view',
      query: pageQuery,
      answers: { 200: list(project, "The team's projects, by name.") }
    },
    'POST /teams/[teamId]/projects': {
      id: 'createProject',
      summary: 'Add a project',
      permission: 'organizations.manage',
      body: projectCreate,
      answers: { 201: json(project, 'The new project.') },
      refusals: { 422: '`project_limit`: a team has at most 1,000 projects.' }
    },
    'PATCH /teams/[teamId]/projects/[projectId]': {
      id: 'updateProject',
      summary: 'Change or archive a project',
      permission: 'organizations.manage',
      body: projectUpdate,
      answers: { 200: json(project, 'The project as it is now.') }
    },
    'DELETE /teams/[teamId]/projects/[projectId]': {
      id: 'deleteProject',
      summary: 'Delete a project that no ticket names',
      permission: 'organizations.manage',
      answers: deleted,
      refusals: { 409: '`project_used`: tickets name it. Archive it instead.' }
    }
  }
}
