import type { en } from './en'

export const de: Record<keyof typeof en, string> = {
  'greeting': 'Guten Tag {name},',
  'greeting.unnamed': 'Guten Tag,',
  'subject.received': 'Wir haben Ihre Anfrage erhalten',
  'subject.request': 'Ihre Anfrage',
  'subject.invitation': 'Möchten Sie bei einer Anfrage in Kopie sein?',
  'subject.requests': 'Ihre Anfragen {numbers}',
  'footer.request': 'Sie erhalten diese E-Mail wegen Ihrer Anfrage {number} an {team}.',
  'footer.participant': 'Sie erhalten diese E-Mail, weil Sie an der Anfrage {number} an {team} beteiligt sind.',
  'footer.invitation':
    'Der Link funktioniert bis {date}. Wenn Sie diese Person nicht kennen, ignorieren Sie diese E-Mail: Ohne Ihre Zustimmung geschieht nichts.',
  'footer.requests': 'Sie erhalten diese E-Mail wegen Ihrer Anfragen {numbers} an {team}.',
  'footer.addresses': 'Internetadressen sind mit [.] geschrieben, weil dieses Team hier neu ist.',
  'list': '{first} und {last}',
  'list.more': '1 weitere | {count} weitere',
  'label.request': 'Anfrage',
  'label.status': 'Status',
  'link': 'Meine Anfrage öffnen',
  'formerMember': 'ehemaliges Mitglied',

  'received': '{team} hat Ihre Anfrage erhalten. Sie hat die Nummer {number}. Sie hören unter dieser Adresse von uns.',
  'received.preview': '{team} hat Ihre Anfrage erhalten.',
  'replies.more': '1 weitere Antwort folgt in der nächsten E-Mail. | {count} weitere Antworten folgen in der nächsten E-Mail.',
  'assigned': '{name} kümmert sich um Ihre Anfrage {number}.',
  'assigned.working': '{name} bearbeitet Ihre Anfrage {number}.',
  'digest': 'Es gibt Neues zu {count} Ihrer Anfragen an {team}.',
  'digest.answer': 'Bitte nennen Sie in Ihrer Antwort die Nummer, auf die Sie sich beziehen.',

  'invitation': '{name} möchte Sie bei der Anfrage {number} an {team} in Kopie nehmen.',
  'invitation.meaning':
    'Wenn Sie zustimmen, erhalten Sie neue Nachrichten per E-Mail und können antworten. Was davor geschrieben wurde, sehen Sie nicht.',
  'invitation.link': 'Einladung ansehen',

  'answer.mailOrLink': 'Bitte antworten Sie auf diese E-Mail oder über den Link unten.',
  'answer.mail': 'Bitte antworten Sie auf diese E-Mail.',
  'answer.link': 'Bitte antworten Sie über den Link unten.',
  'missing.mailOrLink': 'Wenn noch etwas fehlt, antworten Sie auf diese E-Mail oder über den Link unten.',
  'missing.mail': 'Wenn noch etwas fehlt, antworten Sie auf diese E-Mail.',
  'missing.link': 'Wenn noch etwas fehlt, schreiben Sie uns über den Link unten.',
  'reply.link': 'Bitte antworten Sie über den Link unten. Antworten auf diese E-Mail erreichen uns nicht.',

  'status.open': 'Offen',
  'status.in_progress': 'In Bearbeitung',
  'status.waiting': 'Wartet auf Sie',
  'status.resolved': 'Gelöst',
  'status.closed': 'Geschlossen',
  'changed.open': 'Ihre Anfrage {number} ist offen. Wir arbeiten weiter daran.',
  'changed.open.again': 'Ihre Anfrage {number} ist wieder offen.',
  'changed.in_progress': 'Ihre Anfrage {number} wird bearbeitet.',
  'changed.in_progress.again': 'Ihre Anfrage {number} ist wieder offen und wird bearbeitet.',
  'changed.waiting': 'Für Ihre Anfrage {number} brauchen wir noch Angaben von Ihnen.',
  'changed.resolved': 'Ihre Anfrage {number} ist gelöst.',
  'changed.closed': 'Ihre Anfrage {number} ist geschlossen.'
}
