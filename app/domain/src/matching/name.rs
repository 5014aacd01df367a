//! A person's name as parts, and how well two names agree whatever their order, spacing or script.

use std::borrow::Borrow;

use super::{
    distance::{edits, jaro_winkler},
    fold::{Word, words},
    level::{Level, Levels},
    nicknames::familiar,
    sound::{skeleton, spelling},
};

/// More parts than this say no more about who somebody is.
const MOST_PARTS: usize = 12;

/// Not names: titles, and what clinics type where a name is missing ("first name unknown", "last name unknown").
const NOT_NAMES: [&str; 9] = ["dr", "prof", "mr", "mrs", "ms", "fnu", "lnu", "unknown", "unbekannt"];

/// One part of a name with everything that is compared, worked out once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    word: Word,
    /// The careful spelling of the plain and of the German form, often the same; any of them stands for the part.
    spelt: Vec<String>,
    pub skeleton: String,
}

impl Part {
    fn new(word: Word) -> Self {
        let spelt = vec![spelling(&word.plain), spelling(&word.german)];
        let skeleton = skeleton(&word.plain);
        Self { word, spelt, skeleton }
    }

    /// Parts as one word. What `spelling` does to doubled letters must not happen where two parts meet, or
    /// "Grünbach Hanna" were "Grünbach Anna".
    fn joined<'a>(parts: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut word = Word::default();
        let mut spelt = vec![String::new(), String::new()];
        for part in parts {
            word.push(&part.word);
            spelt.iter_mut().zip(&part.spelt).for_each(|(whole, spelling)| whole.push_str(spelling));
        }
        spelt.extend([word.plain.clone(), word.german.clone()]);
        Self { skeleton: skeleton(&word.plain), word, spelt }
    }

    pub(super) fn plain(&self) -> &str {
        &self.word.plain
    }

    /// The same name: one careful spelling, and no marks or letters of one script that tell them apart.
    fn same(&self, other: &Self) -> bool {
        self.sounds_same(other) && !self.written_apart(other)
    }

    fn sounds_same(&self, other: &Self) -> bool {
        self.spelt.iter().any(|spelling| other.spelt.contains(spelling))
    }

    /// Both written with care in one script, and differently: Thúy and Thủy, 小梅 and 小妹 are not one name,
    /// although Latin letters without marks cannot tell.
    fn written_apart(&self, other: &Self) -> bool {
        let (a, b) = (&self.word.written, &other.word.written);
        a != b && script(a).is_some_and(|script_of_a| script(b) == Some(script_of_a))
    }

    fn near(&self, other: &Self) -> bool {
        if self.sounds_same(other) || self.initial_of(other) || other.initial_of(self) {
            return true;
        }
        let (a, b) = (self.plain(), other.plain());
        let (shorter, longer) = (a.len().min(b.len()), a.len().max(b.len()));
        if self.skeleton.len() >= 2 && self.skeleton == other.skeleton || familiar(a, b) {
            return true;
        }
        let most = if shorter >= 8 { 2 } else { 1 };
        shorter >= 4 && longer - shorter <= most && edits(a, b) <= most || shorter >= 5 && jaro_winkler(a, b) >= 0.92
    }

    fn initial_of(&self, other: &Self) -> bool {
        self.plain().len() == 1 && other.plain().starts_with(self.plain())
    }
}

/// Which script's marks or letters beyond ASCII a word has; `None` for plain ASCII.
fn script(written: &str) -> Option<u32> {
    let c = u32::from(written.chars().find(|c| !c.is_ascii())?);
    Some(match c {
        0x80..0x370 | 0x1E00..0x1F00 => 0,
        0x1F00..0x2000 => 0x370 >> 7,
        0x3400..0xA000 | 0x2_0000.. => 0x4E00,
        0xAC00..0xD7B0 => 0xAC00,
        // Most alphabets have a block of 128 or 256 characters of their own.
        _ => c >> 7,
    })
}

/// Scripts whose Latin letters say little: without vowels, or read otherwise in another language.
fn is_opaque(script: Option<u32>) -> bool {
    const HEBREW_TO_THAANA: std::ops::Range<u32> = 0x590 >> 7..0x800 >> 7;
    script.is_some_and(|script| matches!(script, 0x4E00 | 0xAC00) || HEBREW_TO_THAANA.contains(&script))
}

/// Given and family name. Either may be empty; a single name is one part in either.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct FullName {
    given: Vec<Part>,
    family: Vec<Part>,
}

impl FullName {
    pub(super) fn new(given: &str, family: &str) -> Self {
        let [given, family] = [given, family].map(|text| {
            let kept = words(text).into_iter().filter(|word| !NOT_NAMES.contains(&word.plain.as_str()));
            kept.take(MOST_PARTS).map(Part::new).collect()
        });
        Self { given, family }
    }

    pub(super) fn parts(&self) -> impl Iterator<Item = &Part> {
        self.given.iter().chain(&self.family)
    }

    /// All letters in the order of the alphabet: one text for every order and spacing, and for both German spellings.
    pub(super) fn letters(&self) -> String {
        let loose = |part: &Part| spelling(&part.plain().replace("ae", "a").replace("oe", "o").replace("ue", "u"));
        let mut letters: Vec<char> = self.parts().flat_map(|p| loose(p).chars().collect::<Vec<_>>()).collect();
        letters.sort_unstable();
        letters.into_iter().collect()
    }

    /// How given and family names agree, in the reading that speaks most for one person.
    pub(super) fn compare(&self, other: &Self) -> Levels {
        if self.parts().next().is_none() || other.parts().next().is_none() {
            return Levels { given: Level::Missing, family: Level::Missing };
        }
        if self.is_same(other) {
            // A lone family name may be a single name, or one whose given name nobody wrote down.
            let unknown = self.given.is_empty() && other.given.is_empty();
            return Levels { given: if unknown { Level::Missing } else { Level::Exact }, family: Level::Exact };
        }
        let straight = Levels { given: field(&self.given, &other.given), family: field(&self.family, &other.family) };
        let mut readings = vec![straight];
        // Given and family name changed places, and one of them has a slip as well.
        let crossed = field(&self.given, &other.family).min(field(&self.family, &other.given)).min(Level::Near);
        if crossed > Level::Missing {
            readings.push(Levels { given: crossed, family: crossed });
        }
        let (mine, theirs): (Vec<_>, Vec<_>) = (self.parts().collect(), other.parts().collect());
        match shared(&mine, &theirs) {
            Shared::All => readings.push(Levels { given: Level::Near, family: Level::Near }),
            // One part alone may be the given or the family name: which, nobody can say.
            Shared::Subset if mine.len().min(theirs.len()) == 1 => {
                readings.push(Levels { given: Level::Missing, family: Level::Part });
            }
            Shared::Subset => readings.push(Levels { given: Level::Part, family: Level::Part }),
            _ => {}
        }
        let best = readings.into_iter().max_by(|a, b| a.weight().total_cmp(&b.weight())).unwrap_or_default();
        if self.is_comparable(other) { best } else { best.unless_it_disagrees() }
    }

    /// The same parts, split anywhere into given and family name, in either order of the two; spaced anyhow where the
    /// split is the same, or only one of the two names is split at all.
    ///
    /// Not in every order: Min-ji and Ji-min, Li Mei and Mei Li are two people, perhaps twins. For the same reason a
    /// name in which a part comes twice must have its fields alike: "Limei Li" read backwards is "Li Meili".
    fn is_same(&self, other: &Self) -> bool {
        let same = |a: &[Part], b: &[Part]| a.is_empty() && b.is_empty() || in_order(a, b);
        if same(&self.given, &other.given) && same(&self.family, &other.family)
            || same(&self.given, &other.family) && same(&self.family, &other.given)
        {
            return true;
        }
        if self.repeats() || other.repeats() {
            return false;
        }
        let unsplit = self.is_unsplit() || other.is_unsplit();
        let (mine, theirs) = (self.orders(), other.orders());
        (0..2).any(|i| {
            (0..2).any(|j| {
                let (a, b) = (&mine[i], &theirs[j]);
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.same(b))
                    || unsplit && Part::joined(a.iter().copied()).same(&Part::joined(b.iter().copied()))
            })
        })
    }

    /// Given before family, and family before given.
    fn orders(&self) -> [Vec<&Part>; 2] {
        [self.parts().collect(), self.family.iter().chain(&self.given).collect()]
    }

    fn is_unsplit(&self) -> bool {
        self.given.is_empty() || self.family.is_empty()
    }

    fn repeats(&self) -> bool {
        let parts: Vec<_> = self.parts().collect();
        parts.iter().enumerate().any(|(i, part)| parts[..i].iter().any(|before| before.sounds_same(part)))
    }

    /// Whether names that look different are different.
    fn is_comparable(&self, other: &Self) -> bool {
        let [mine, theirs] = [self, other].map(|name| name.parts().find_map(|part| script(&part.word.written)));
        mine == theirs || !is_opaque(mine) && !is_opaque(theirs)
    }
}

fn in_order(a: &[Part], b: &[Part]) -> bool {
    let one_by_one = a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.same(b));
    !a.is_empty() && !b.is_empty() && (one_by_one || Part::joined(a).same(&Part::joined(b)))
}

fn field(a: &[Part], b: &[Part]) -> Level {
    if a.is_empty() || b.is_empty() {
        Level::Missing
    } else if in_order(a, b) {
        Level::Exact
    } else if Part::joined(a).near(&Part::joined(b)) || a.len() == b.len() && pairs(a, b, Part::near) == a.len() {
        Level::Near
    } else if pairs(a, b, Part::near) > 0 {
        Level::Part
    } else {
        Level::Disagree
    }
}

/// Which parts two names have in common, in whatever order.
enum Shared {
    All,
    /// Every part of the shorter.
    Subset,
    Some,
}

fn shared(a: &[&Part], b: &[&Part]) -> Shared {
    let same = pairs(a, b, Part::same);
    match (same == a.len(), same == b.len()) {
        (true, true) => Shared::All,
        (false, false) => Shared::Some,
        _ => Shared::Subset,
    }
}

/// The most pairs of parts that agree, each part used once (augmenting paths, so that order cannot matter).
fn pairs<P: Borrow<Part>>(a: &[P], b: &[P], agree: impl Fn(&Part, &Part) -> bool) -> usize {
    let agreeing = |part: &P| (0..b.len()).filter(|&j| agree(part.borrow(), b[j].borrow())).collect();
    let edges: Vec<Vec<usize>> = a.iter().map(agreeing).collect();
    let mut partner = vec![None; b.len()];
    (0..a.len()).filter(|&i| find_partner(i, &edges, &mut partner, &mut vec![false; b.len()])).count()
}

fn find_partner(i: usize, edges: &[Vec<usize>], partner: &mut [Option<usize>], seen: &mut [bool]) -> bool {
    for &j in &edges[i] {
        if std::mem::replace(&mut seen[j], true) {
            continue;
        }
        if partner[j].is_none_or(|k| find_partner(k, edges, partner, seen)) {
            partner[j] = Some(i);
            return true;
        }
    }
    false
}
