//! Which deals are likely the same: names as they are compared, without width, case, punctuation and company forms.

use std::collections::BTreeMap;

use crate::fold::narrow;

/// Words that say what kind of company it is, and nothing of which.
const FORMS: [&str; 34] = [
    "ab",
    "ag",
    "aps",
    "as",
    "bv",
    "co",
    "company",
    "corp",
    "corporation",
    "gmbh",
    "group",
    "inc",
    "incorporated",
    "kg",
    "kk",
    "limited",
    "llc",
    "llp",
    "ltd",
    "mbh",
    "nv",
    "oy",
    "oyj",
    "plc",
    "pty",
    "pte",
    "sa",
    "sarl",
    "sas",
    "se",
    "spa",
    "srl",
    "the",
    "ug",
];

/// Endings of Chinese and Japanese company names, the longest first.
const ENDINGS: [&str; 6] = ["股份有限公司", "有限責任公司", "有限公司", "株式会社", "株式會社", "公司"];

/// How alike two names must be, as Jaro has it, when account or contact agree.
const ALIKE: f64 = 0.88;

/// A deal as far as likeness goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The id.
    pub id: String,
    /// The deal's name.
    pub name: String,
    /// The account.
    pub account: String,
    /// The contact.
    pub contact: String,
}

/// Two deals that are likely one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The position of the earlier one.
    pub first: usize,
    /// The position of the later one.
    pub second: usize,
    /// What they have in common.
    pub why: &'static str,
}

/// A name as it is compared: full width to half, lower case, letters and digits alone, company forms left out.
pub fn normal(name: &str) -> String {
    let folded: String = name
        .chars()
        .map(narrow)
        .flat_map(char::to_lowercase)
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .collect();
    let words = folded.split_whitespace().map(|word| {
        let ending = ENDINGS.iter().find_map(|ending| word.strip_suffix(ending));
        ending.filter(|stem| !stem.is_empty()).unwrap_or(word)
    });
    let kept: Vec<&str> = words.clone().filter(|word| !FORMS.contains(word)).collect();
    // A name of nothing but forms is still a name.
    if kept.is_empty() { words.collect::<Vec<_>>().join(" ") } else { kept.join(" ") }
}

/// The pairs of deals that are likely one: the same name and no other account, or the same account or contact and names
/// alike. In the order of the later deal.
pub fn pairs(candidates: &[Candidate]) -> Vec<Pair> {
    let normal: Vec<[String; 3]> = candidates
        .iter()
        .map(|candidate| [&candidate.name, &candidate.account, &candidate.contact].map(|text| normal(text)))
        .collect();
    let mut found: BTreeMap<(usize, usize), &'static str> = BTreeMap::new();
    for (part, why) in ["the same name", "the same account", "the same contact"].into_iter().enumerate() {
        let mut alike: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (at, parts) in normal.iter().enumerate().filter(|(_, parts)| !parts[part].is_empty()) {
            alike.entry(&parts[part]).or_default().push(at);
        }
        for group in alike.into_values() {
            for (place, second) in group.iter().enumerate() {
                for first in &group[..place] {
                    if likely(&normal[*first], &normal[*second], part) {
                        found.entry((*second, *first)).or_insert(why);
                    }
                }
            }
        }
    }
    found.into_iter().map(|((second, first), why)| Pair { first, second, why }).collect()
}

/// Whether two deals that agree in one part are likely one.
fn likely(a: &[String; 3], b: &[String; 3], part: usize) -> bool {
    let differ = |part: usize| !a[part].is_empty() && !b[part].is_empty() && a[part] != b[part];
    match part {
        0 => !differ(1),
        _ => numbers(&a[0]) == numbers(&b[0]) && strsim::jaro(&a[0], &b[0]) > ALIKE,
    }
}

/// The numbers in a name: `phase 1` and `phase 2` are two deals, however alike they look.
fn numbers(name: &str) -> Vec<&str> {
    name.split(|c: char| !c.is_ascii_digit()).filter(|digits| !digits.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(id: &str, name: &str, account: &str) -> Candidate {
        Candidate { id: id.into(), name: name.into(), account: account.into(), contact: String::new() }
    }

    #[test]
    fn company_forms_width_and_case_do_not_count() {
        for (a, b) in [
            ("Harbour & Finch Ltd.", "HARBOUR  FINCH"),
            ("Ａｃｍｅ，Inc", "acme"),
            ("台北捷運股份有限公司", "台北捷運"),
            ("The Company", "the company"),
        ] {
            assert_eq!(normal(a), normal(b), "{a}");
        }
    }

    #[test]
    fn likely_pairs_are_found_and_others_are_not() {
        let candidates = [
            candidate("deal-1", "Warehouse sensors", "Harbour & Finch Ltd"),
            candidate("deal-2", "Warehouse sensor", "Harbour and Finch"),
            candidate("deal-3", "Warehouse sensors", "Harbour & Finch"),
            candidate("deal-4", "Warehouse sensors", "Somebody else"),
            candidate("deal-5", "Fleet renewal", "Harbour & Finch"),
            candidate("deal-6", "Sensors phase 1", "Ortega"),
            candidate("deal-7", "Sensors phase 2", "Ortega"),
        ];
        let found: Vec<(usize, usize)> =
            pairs(&candidates).iter().map(|pair| (pair.first, pair.second)).collect();
        assert_eq!(found, [(0, 2)]);
    }
}
