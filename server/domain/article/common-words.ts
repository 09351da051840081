/**
 * Names that are also words, in lower case: they are removed from a text only where a name can stand. English, German and some Russian words,
 * and the words for people and departments that stand in the name of a sender.
 */
export const commonWords: ReadonlySet<string> = new Set(
  (
    'will mark may rose grace frank bill art rob bob pat sue dawn hope faith joy june april august summer autumn dean duke earl king prince ' +
    'major price page cook baker butcher carpenter smith miller hunter fisher gardener taylor mason porter potter turner walker carter ' +
    'young old long short small little rich poor good best strong sharp bright brown black white green gray grey blue gold golden silver ' +
    'stone wood woods forest field fields hill hills rivers river lake brook banks bank bridge church house hall park street wall gates ' +
    'gate winter spring summers rain snow frost storm day days night star ray rays sky early late power powers case chase chance chain ' +
    'christian chip cliff clay colt crystal daisy drew don ed eve faye ford gene glen grant guy happy harmony heath holly honor hunt iris ' +
    'ivy jack jasper jay jean jet jewel john josh journey justice lance lane lee love lily mercy miles misty nick norm olive opal pansy ' +
    'patience paris peace pearl penny pierce rain randy ray reed reef rich robin rocky rod ruby rusty sage sandy scarlet serenity skip sky ' +
    'sterling sunny teal tab ted terry tiffany tony trace trip trinity trust van vance violet wade ward warren wayne west north east south ' +
    'willow windy post cross bond bell ball berry bean rice pepper salt sugar butter coffee bush moss marsh mills mill moon singer swift ' +
    'wise read reader bishop pope knight noble law laws moody savage english french german welsh rush root roots line key keys lock locks ' +
    'code file files link links test user users web net an do so le to my no be he in on is it as at by of or us we me up go if ' +
    'stein fuchs koch bauer schmidt jung klein gross groß lang kurz alt neu neumann schwarz weiss weiß braun grün rot berg wald feld bach ' +
    'vogel wolf hahn huhn fink adler löwe bär haas hase kaiser könig herzog graf richter vogt schulz meister ritter ernst sommer herbst ' +
    'frühling winter sonntag freitag mai august kraft stark licht stern sand kern busch baum apfel birne nagel hammer schneider müller ' +
    'weber fischer becker schäfer zimmermann krüger engel teufel frei fest wirt gut lieb ' +
    'support team service info office sales help helpdesk desk admin customer customers client clients accounting accounts account ' +
    'billing contact company group systems it the and und der die das gmbh ag kg ltd inc llc corp co mail mailer marketing press shop store ' +
    'вера надежда любовь роман лев слава мир роза майя лилия виктория'
  ).split(' ')
)

/** Parts of names that are never a name alone. */
export const nameParticles: ReadonlySet<string> = new Set(
  'van von vom zu zur der den de del della di da do dos das du la le les el al bin ibn abu ben bat mac mc st san y e und and & jr sr ii iii dr mr mrs ms prof herr frau'.split(
    ' '
  )
)
