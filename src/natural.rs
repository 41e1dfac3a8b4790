//! The order that people expect of names: `deal-9` before `deal-10`, and capitals beside small letters.

use std::cmp::Ordering;

/// Compares without regard to case, digits as the numbers they make; texts that are alike so, byte by byte.
pub fn natural(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (a, b);
    while let (Some(first), Some(second)) = (left.chars().next(), right.chars().next()) {
        let order = if first.is_ascii_digit() && second.is_ascii_digit() {
            let ((one, rest), (other, rest_of_other)) = (number(left), number(right));
            (left, right) = (rest, rest_of_other);
            one.len().cmp(&other.len()).then_with(|| one.cmp(other))
        } else {
            (left, right) = (&left[first.len_utf8()..], &right[second.len_utf8()..]);
            if first == second { Ordering::Equal } else { first.to_lowercase().cmp(second.to_lowercase()) }
        };
        if order != Ordering::Equal {
            return order;
        }
    }
    left.len().cmp(&right.len()).then_with(|| a.cmp(b))
}

/// The digits that a text starts with, without leading zeros, and the rest.
fn number(text: &str) -> (&str, &str) {
    let end = text.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    (text[..end].trim_start_matches('0'), &text[end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_in_the_order_of_people() {
        let mut names =
            ["deal-10", "b", "deal-2", "Acme", "deal-02", "deal", "acme", "deal-1a", "deal-1", "Deal-3"];
        names.sort_by(|a, b| natural(a, b));
        let order =
            ["Acme", "acme", "b", "deal", "deal-1", "deal-1a", "deal-02", "deal-2", "Deal-3", "deal-10"];
        assert_eq!(names, order);
    }
}
