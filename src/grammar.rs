//! Numbers and lists in sentences, so that no message says `deal(s)`.

/// `1 deal`, `2 deals`.
pub fn count(number: u64, thing: &str) -> String {
    if number == 1 { format!("1 {thing}") } else { format!("{number} {}", plural(thing)) }
}

/// What is said of one, or of another number.
pub fn agreeing<'w>(number: u64, of_one: &'w str, of_several: &'w str) -> &'w str {
    if number == 1 { of_one } else { of_several }
}

/// `a`, `a and b`, `a, b and c`.
pub fn and<S: AsRef<str>>(items: &[S]) -> String {
    let Some((last, rest)) = items.split_last() else { return String::new() };
    if rest.is_empty() {
        return last.as_ref().to_owned();
    }
    let rest: Vec<&str> = rest.iter().map(AsRef::as_ref).collect();
    format!("{} and {}", rest.join(", "), last.as_ref())
}

/// `1234567.5` as `1,234,567.5`.
pub fn grouped(number: &str) -> String {
    let (sign, digits) = number.strip_prefix('-').map_or(("", number), |digits| ("-", digits));
    let (whole, fraction) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    let mut shown = String::from(sign);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown + fraction
}

/// `deals`, `opportunities`.
pub fn plural(thing: &str) -> String {
    let sibilant = ["s", "x", "z", "ch", "sh"].iter().any(|end| thing.ends_with(end));
    let stem = thing.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'i', 'o', 'u']));
    match stem {
        Some(stem) => format!("{stem}ies"),
        None if sibilant => format!("{thing}es"),
        None => format!("{thing}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_are_counted() {
        for (number, thing, said) in [
            (1, "deal", "1 deal"),
            (0, "deal", "0 deals"),
            (2, "entry", "2 entries"),
            (3, "day", "3 days"),
            (2, "process", "2 processes"),
        ] {
            assert_eq!(count(number, thing), said);
        }
    }

    #[test]
    fn lists_end_with_and() {
        assert_eq!(and::<&str>(&[]), "");
        assert_eq!(and(&["won"]), "won");
        assert_eq!(and(&["won", "lost"]), "won and lost");
        assert_eq!(and(&["won", "lost", "open"]), "won, lost and open");
    }

    #[test]
    fn numbers_are_grouped() {
        for (number, shown) in
            [("0", "0"), ("999", "999"), ("1000", "1,000"), ("-1234567.50", "-1,234,567.50")]
        {
            assert_eq!(grouped(number), shown);
        }
    }
}
