use domain::clinic::{ClinicPlan, Mode, ResourceKind};

use super::*;

const DEMOS: [(&str, &str); 3] = [
    ("riverside", include_str!("../../../../portal/demo/riverside.toml")),
    ("northgate", include_str!("../../../../portal/demo/northgate.toml")),
    ("harbour", include_str!("../../../../portal/demo/harbour.toml")),
];

fn demo(name: &str) -> ClinicPlan {
    let (_, text) = DEMOS.into_iter().find(|(slug, _)| *slug == name).unwrap();
    parse(name, text).unwrap_or_else(|all| {
        let lines: Vec<String> = all.iter().map(ToString::to_string).collect();
        panic!("{}", lines.join("\n"))
    })
}

#[test]
fn the_demo_files_are_right() {
    for (name, _) in DEMOS {
        let plan = demo(name);
        assert_eq!((plan.tenant.slug.as_str(), plan.clinic.slug.as_str()), (name, name));
        assert!(plan.services.len() >= 8, "{name}");
        assert!(plan.clinic.closures.len() >= 8, "{name}");
    }
}

#[test]
fn the_demos_show_what_portico_can_do() {
    let (riverside, northgate, harbour) = (demo("riverside"), demo("northgate"), demo("harbour"));
    let capacities = |plan: &ClinicPlan| plan.resources.iter().map(|r| r.capacity).max().unwrap();
    assert_eq!((capacities(&riverside), capacities(&northgate)), (2, 8));
    assert!(riverside.services.iter().any(|service| service.needs.len() == 2));
    assert!(riverside.services.iter().any(|service| service.mode == Mode::Phone));
    assert!(northgate.services.iter().any(|service| service.settings.needs_approval == Some(true)));
    assert!(northgate.services.iter().any(|service| service.eligibility.referral));
    assert!(northgate.resources.iter().any(|r| r.kind == ResourceKind::Device && r.hours.is_some()));
    assert!(harbour.services.iter().any(|service| service.mode == Mode::Video));
    let nights = northgate.resources.iter().filter_map(|r| r.hours.as_ref());
    assert!(nights.flat_map(|h| &h.weekly).flat_map(|w| &w.windows).any(|w| w.close < w.open));
}

/// A small generator of its own (xorshift), so that a failure comes again.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % most.max(1) as u64).unwrap()
    }
}

/// Whatever a file has become: no panic, and problems that point into it.
fn survives(text: &str) -> bool {
    let Err(problems) = parse("mutated.toml", text) else {
        return false;
    };
    assert!(!problems.is_empty());
    let lines = text.lines().count() + 1;
    for problem in problems {
        assert!((1..=lines).contains(&problem.line), "{problem} of {lines} lines");
        assert!(!problem.field.is_empty() && !problem.wrong.is_empty() && !problem.allowed.is_empty());
        assert_eq!(problem.to_string().lines().count(), 1, "{problem:?}");
    }
    true
}

#[test]
fn mutated_files_never_panic() {
    const SPLINTERS: [&str; 16] = [
        "\"",
        "'",
        "[",
        "]",
        "{",
        "}",
        "=",
        "\n",
        "\r",
        "#",
        ".",
        "-1",
        "é",
        "\u{202E}",
        "99999999999999999999",
        "[[services]]\n",
    ];
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let mut refused = 0;
    for (_, text) in DEMOS {
        let borders: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        for _ in 0..250 {
            let at = borders[dice.below(borders.len())];
            refused += usize::from(survives(&text[..at]));

            // Several small wounds leave much of the file to be walked.
            let mut wounded: Vec<char> = text.chars().collect();
            for _ in 0..=dice.below(3) {
                let at = dice.below(wounded.len());
                match dice.below(3) {
                    0 => drop(wounded.remove(at)),
                    1 => wounded[at] = char::from(u8::try_from(32 + dice.below(95)).unwrap()),
                    _ => drop(wounded.splice(at..at, SPLINTERS[dice.below(SPLINTERS.len())].chars())),
                }
            }
            refused += usize::from(survives(&wounded.into_iter().collect::<String>()));

            // A line gone or moved keeps the file TOML, mostly.
            let mut lines: Vec<&str> = text.lines().collect();
            let line = lines.remove(dice.below(lines.len()));
            refused += usize::from(survives(&lines.join("\n")));
            lines.insert(dice.below(lines.len()), line);
            refused += usize::from(survives(&lines.join("\n")));
        }
    }
    assert!(refused > 1000, "{refused}: the wounds are too mild to try anything");
}

#[test]
fn every_value_may_be_of_any_type() {
    let values = [
        "1",
        "-1.5",
        "nan",
        "true",
        "\"\"",
        "\"x\"",
        "2026-01-01",
        "10:00:00",
        "[]",
        "[[]]",
        "[1, \"x\"]",
        "{}",
        "{ x = 1 }",
    ];
    let mut tried = 0;
    for (index, line) in SMALL.lines().enumerate() {
        let Some((key, _)) = line.split_once(" = ") else {
            continue;
        };
        for value in values {
            let new = format!("{key} = {value}");
            let mut lines: Vec<&str> = SMALL.lines().collect();
            lines[index] = &new;
            survives(&lines.join("\n"));
            tried += 1;
        }
    }
    assert!(tried > 300, "{tried}");
}
