//! Slips in the domain of an e-mail address that many people make. A hint, never a block (FRM-11).

/// Large providers; an address one slip away from one of them is probably meant for it.
const KNOWN: [&str; 16] = [
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
];

/// The address that was probably meant.
pub(super) fn meant(email: &str) -> Option<String> {
    let (local, host) = email.trim().rsplit_once('@')?;
    let host = host.to_lowercase();
    if KNOWN.contains(&host.as_str()) {
        return None;
    }
    let near = KNOWN.iter().find(|known| known.len() > 5 && slips(known, &host) == 1)?;
    Some(format!("{local}@{near}"))
}

/// How many letters were left out, added, changed or swapped with their neighbour (optimal string alignment), where
/// more than one is as good as any.
fn slips(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > 1 {
        return 2;
    }
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    for j in 0..=b.len() {
        rows[0][j] = j;
    }
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            let change = usize::from(a[i - 1] != b[j - 1]);
            let mut least = (rows[i - 1][j] + 1).min(rows[i][j - 1] + 1).min(rows[i - 1][j - 1] + change);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = least;
        }
    }
    rows[a.len()][b.len()]
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
