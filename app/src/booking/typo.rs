//! Slips in the domain of an e-mail address that many people make. A hint, never a block (FRM-11).

/// Large providers; an address one slip away from one of them is probably meant for it.
const KNOWN: [&str; 18] = [
    "gmail.com",
    "googlemail.com",
    "outlook.com",
    "hotmail.com",
    "live.com",
    "yahoo.com",
    "icloud.com",
    "proton.me",
    "gmx.de",
    "gmx.net",
    "web.de",
    "t-online.de",
    "freenet.de",
    "posteo.de",
    "aol.com",
    "bigpond.com",
    // Last, because they are themselves one slip away from others above.
    "mail.com",
    "ymail.com",
];

/// The address that was probably meant.
pub(super) fn meant(email: &str) -> Option<String> {
    let (local, host) = email.trim().rsplit_once('@')?;
    let host = host.to_lowercase();
    if KNOWN.contains(&host.as_str()) {
        return None;
    }
    let near = KNOWN.iter().find(|known| known.len() > 5 && one_slip(known, &host))?;
    Some(format!("{local}@{near}"))
}

/// Whether one letter was left out, added or changed, or two neighbours swapped.
fn one_slip(meant: &str, typed: &str) -> bool {
    let (meant, typed): (Vec<char>, Vec<char>) = (meant.chars().collect(), typed.chars().collect());
    let same_start = meant.iter().zip(&typed).take_while(|(a, b)| a == b).count();
    let (meant, typed) = (&meant[same_start..], &typed[same_start..]);
    let same_end = meant.iter().rev().zip(typed.iter().rev()).take_while(|(a, b)| a == b).count();
    match (&meant[..meant.len() - same_end], &typed[..typed.len() - same_end]) {
        ([_], [] | [_]) | ([], [_]) => true,
        ([a, b], [c, d]) => a == d && b == c,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_noticed() {
        for (typed, right) in [
            ("amira@gmial.com", "amira@gmail.com"),
            ("amira@gmail.con", "amira@gmail.com"),
            ("a.k@hotmal.com", "a.k@hotmail.com"),
            ("x@t-onlin.de", "x@t-online.de"),
        ] {
            assert_eq!(meant(typed).as_deref(), Some(right));
        }
    }

    #[test]
    fn what_may_be_right_is_left_alone() {
        for fine in ["a@gmail.com", "a@GMAIL.com", "a@example.com", "a@mail.com", "a@gmx.at", "a@web.at", "nobody"] {
            assert_eq!(meant(fine), None, "{fine}");
        }
    }
}
