//! How far two short ASCII words are from each other.

/// Letters typed wrong, left out, added, or swapped with their neighbour (optimal string alignment).
pub(super) fn edits(a: &str, b: &str) -> usize {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut before = vec![0; b.len() + 1];
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut next = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let changed = usize::from(a[i - 1] != b[j - 1]);
            next[j] = (row[j] + 1).min(next[j - 1] + 1).min(row[j - 1] + changed);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                next[j] = next[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut row, next);
    }
    row[b.len()]
}

/// Winkler's similarity, 0 to 1, with his 0.1 for each of up to four letters the words begin alike with.
pub(super) fn jaro_winkler(a: &str, b: &str) -> f64 {
    // Letters are paired greedily: in one order, or the two directions might differ.
    let jaro = jaro(a.min(b).as_bytes(), a.max(b).as_bytes());
    let prefix = a.bytes().zip(b.bytes()).take(4).take_while(|(x, y)| x == y).fold(0.0, |sum, _| sum + 1.0);
    jaro + prefix * 0.1 * (1.0 - jaro)
}

fn jaro(a: &[u8], b: &[u8]) -> f64 {
    if a.is_empty() || b.is_empty() {
        return f64::from(u8::from(a == b));
    }
    let reach = (a.len().max(b.len()) / 2).saturating_sub(1);
    let mut taken = vec![false; b.len()];
    let mut from_a = Vec::new();
    for (i, letter) in a.iter().enumerate() {
        let window = i.saturating_sub(reach)..(i + reach + 1).min(b.len());
        if let Some(j) = window.into_iter().find(|&j| !taken[j] && b[j] == *letter) {
            taken[j] = true;
            from_a.push(*letter);
        }
    }
    if from_a.is_empty() {
        return 0.0;
    }
    let from_b = b.iter().zip(&taken).filter(|(_, taken)| **taken).map(|(letter, _)| letter);
    let moved = from_a.iter().zip(from_b).filter(|(x, y)| x != y).count();
    let [common, moved, a, b] = [from_a.len(), moved, a.len(), b.len()].map(|n| n as f64);
    (common / a + common / b + (common - moved / 2.0) / common) / 3.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_one_edit() {
        for (a, b) in [("anna", "anan"), ("anna", "ana"), ("anna", "annna"), ("anna", "amna")] {
            assert_eq!(edits(a, b), 1, "{a} {b}");
        }
        assert_eq!(edits("", "abc"), 3);
        assert_eq!(edits("kitten", "sitting"), 3);
    }

    #[test]
    fn jaro_winkler_gives_the_values_of_its_paper() {
        for (a, b, expected) in [("martha", "marhta", 0.961), ("dwayne", "duane", 0.840), ("dixon", "dicksonx", 0.813)]
        {
            assert!((jaro_winkler(a, b) - expected).abs() < 0.001, "{a} {b}");
        }
    }
}
