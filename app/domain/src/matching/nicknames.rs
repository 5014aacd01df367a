//! Short and familiar forms of given names. They count as near, never as the same name.

/// Each line is one name's forms, folded. Chosen for being common and unlike each other in writing.
const FORMS: [&[&str]; 40] = [
    &["aleksandr", "alexander", "alexandra", "aleksandra", "alex", "sasha", "sascha", "sandra"],
    &["aleksey", "alexei", "alexey", "alyosha", "lyosha"],
    &["anastasia", "anastasiya", "nastya"],
    &["andrew", "andreas", "andy", "drew"],
    &["anthony", "antonio", "tony", "toni", "anton"],
    &["antonia", "toni"],
    &["benjamin", "ben"],
    &["bernhard", "bernd"],
    &["catherine", "katherine", "katharina", "ekaterina", "katarzyna", "kate", "katja", "katya", "kasia", "kathi"],
    &["charles", "charlie", "chuck"],
    &["christopher", "christoph", "chris"],
    &["christine", "christina", "christiane", "chris", "tina"],
    &["daniel", "dan", "danny"],
    &["dmitriy", "dmitry", "dima", "mitya"],
    &["edward", "eduard", "ed", "eddie", "ted"],
    &["elizabeth", "elisabeth", "elizaveta", "liz", "lisa", "beth", "betty", "elli", "sissi"],
    &["francisco", "paco", "pancho", "fran"],
    &["francesca", "franziska", "franzi", "fran"],
    &["giorgos", "georgios", "yorgos", "george"],
    &["guadalupe", "lupe"],
    &["hans", "johann", "johannes", "john", "jack", "johnny"],
    &["ivan", "vanya"],
    &["james", "jim", "jimmy", "jamie"],
    &["jose", "pepe"],
    &["joseph", "josef", "joe", "sepp", "jupp"],
    &["malgorzata", "margarethe", "margaret", "margarita", "gosia", "grete", "greta", "maggie", "meg", "peggy", "rita"],
    &["maria", "mariya", "masha", "mary", "molly", "mia"],
    &["matthew", "matthias", "matt", "hias"],
    &["michael", "mikhail", "mike", "mick", "misha"],
    &["natalya", "natalia", "natasha"],
    &["nicholas", "nikolaus", "nikolai", "nick", "klaus", "kolya"],
    &["patricia", "pat", "tricia", "patty"],
    &["richard", "rick", "dick"],
    &["robert", "rob", "bob", "bobby"],
    &["samuel", "samantha", "sam"],
    &["stanislaw", "stas", "staszek"],
    &["susan", "susanne", "sue", "susi"],
    &["thomas", "tom", "tommy"],
    &["vladimir", "volodya", "vova"],
    &["william", "wilhelm", "bill", "billy", "will", "willi"],
];

/// Whether two folded given names are forms of one.
pub(super) fn familiar(a: &str, b: &str) -> bool {
    FORMS.iter().any(|forms| forms.contains(&a) && forms.contains(&b))
}
