import type { en } from './en'

export const de: Record<keyof typeof en, string> = {
  'title': 'Wie zufrieden sind Sie?',
  'about': 'Ihre Anfrage {number} an {team}:',
  'score': '{score} von 5: {meaning}',
  'meaning.1': 'Schlecht',
  'meaning.2': 'Mäßig',
  'meaning.3': 'In Ordnung',
  'meaning.4': 'Gut',
  'meaning.5': 'Ausgezeichnet',
  'stars': 'Ihre Bewertung',
  'stars.choose': 'Wählen Sie einen bis fünf Sterne',
  'stars.given': '{score} von 5 Sternen',
  'comment': 'Möchten Sie etwas hinzufügen?',
  'comment.optional': 'Freiwillig',
  'comment.long': 'Der Kommentar darf höchstens 1.000 Zeichen lang sein.',
  'send': 'Senden',
  'change': 'Meine Bewertung ändern',
  'thanks': 'Vielen Dank',
  'thanks.received': '{team} hat Ihre Bewertung erhalten.',
  'failed': 'Ihre Bewertung wurde nicht gespeichert',
  'failed.again': 'Bitte versuchen Sie es gleich noch einmal.',
  'failed.final': 'Diese Bewertung kann nicht mehr geändert werden.',
  'invalid': 'Dieser Link ist nicht mehr gültig',
  'invalid.reason': 'Anfragen können dreißig Tage lang bewertet werden, nachdem wir darum gebeten haben.',
  'unavailable': 'Die Seite konnte nicht geöffnet werden',
  'unavailable.reason': 'Bitte versuchen Sie es gleich noch einmal.'
}
