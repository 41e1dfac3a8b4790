//! Money: currencies and their digits, exchange rates, and targets.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::super::{RateSource, Target};
use super::words::{items, path, texted};
use crate::deal::money::{Currency, FINEST, Rates, parse_rate, parse_typed_amount};
use crate::deal::period::{Calendar, Period};
use crate::deal::time::Day;
use crate::problem::{meant, nearest};
use crate::yaml::Node;
use crate::yaml::{Problems, Span};

/// The currency of a process that names none.
const DEFAULT: &str = "USD";

/// The currencies that a slip of the pen most likely meant.
const COMMON: [&str; 32] = [
    "USD", "EUR", "TWD", "JPY", "GBP", "CNY", "HKD", "SGD", "KRW", "AUD", "CAD", "CHF", "INR", "BRL", "MXN",
    "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "TRY", "ZAR", "ILS", "AED", "SAR", "THB", "VND", "IDR", "MYR",
    "PHP", "NZD",
];

/// The reporting currency; what stands in for one that cannot be read never leaves this room.
pub(super) fn currency(root: &Node, found: &mut Problems<'_>) -> Currency {
    let named = texted(root, "currency").and_then(|(node, code)| known(code, &node.span, found));
    named.or_else(|| Currency::named(DEFAULT)).unwrap_or_else(|| unreachable!("ISO 4217 has {DEFAULT}"))
}

/// The currency of a code; an error when there is none.
fn known(code: &str, span: &Span, found: &mut Problems<'_>) -> Option<Currency> {
    let currency = Currency::named(code);
    if currency.is_none() {
        let problem = found.error(span, format!("`{code}` is not a currency of ISO 4217"));
        let upper = code.to_uppercase();
        let same = Currency::named(&upper).map(|_| upper.as_str());
        let near = same.or_else(|| by_sign(code)).or_else(|| nearest(&upper, COMMON));
        problem.help(meant(near, "write its three letters, such as USD, EUR or TWD"));
    }
    currency
}

/// The currency that people mean by a sign or a common abbreviation.
fn by_sign(text: &str) -> Option<&'static str> {
    match text {
        "$" | "US$" => Some("USD"),
        "€" => Some("EUR"),
        "£" => Some("GBP"),
        "¥" => Some("JPY"),
        "NT$" | "NTD" => Some("TWD"),
        "RMB" => Some("CNY"),
        _ => None,
    }
}

pub(super) fn digits(root: &Node, found: &mut Problems<'_>) -> BTreeMap<Currency, u32> {
    let mut digits = BTreeMap::new();
    for (key, value) in root.get("decimals").map_or(&[][..], Node::entries) {
        let currency = known(&key.text, &key.span, found);
        let Some(count) = value.text().and_then(|text| text.parse::<i64>().ok()) else { continue };
        match (u32::try_from(count), currency) {
            (Ok(count), Some(currency)) if count <= FINEST => {
                digits.insert(currency, count);
            }
            (Ok(count), None) if count <= FINEST => {}
            // What is less than 0 was reported with the structure.
            _ if count < 0 => {}
            _ => found
                .error(&value.span, format!("an amount has at most {FINEST} digits after the point"))
                .help("write 0 to 6"),
        }
    }
    digits
}

pub(super) fn rates(root: &Node, reporting: Currency, found: &mut Problems<'_>) -> RateSource {
    if texted(root, "rates").is_some() {
        return path(root, "rates", found)
            .map_or_else(|| RateSource::Fixed(Rates::default()), RateSource::File);
    }
    let mut rates = Vec::new();
    for (key, value) in root.get("rates").map_or(&[][..], Node::entries) {
        let currency = known(&key.text, &key.span, found);
        let Some(text) = value.text() else { continue };
        let Some(rate) = parse_rate(text) else {
            found
                .error(&value.span, format!("`{text}` is not a rate"))
                .help(format!("write what 1 {} is worth in {reporting}, such as `1.08`", key.text));
            continue;
        };
        let Some(currency) = currency else { continue };
        if currency == reporting && rate != Decimal::ONE {
            found
                .error(&value.span, format!("{reporting} is the reporting currency: its rate is 1"))
                .help("take the line out");
        }
        rates.push((currency, None, rate));
    }
    RateSource::Fixed(Rates::new(rates))
}

type Teams = [(String, Vec<String>)];

pub(super) fn targets(root: &Node, year_starts: u32, teams: &Teams, found: &mut Problems<'_>) -> Vec<Target> {
    let mut targets: Vec<Target> = Vec::new();
    for node in items(root, "targets") {
        let period = period(node, year_starts, found);
        let owner = owner(node, found);
        let team = team(node, owner.is_some(), teams, found);
        let amount = amount(node, found);
        let (Some(period), Some(amount)) = (period, amount) else { continue };
        // Whose it is was not understood, and has been reported.
        if (node.key("owner").is_some(), node.key("team").is_some()) != (owner.is_some(), team.is_some()) {
            continue;
        }
        let target = Target { period, owner, team, amount };
        if targets.iter().any(|other| same_goal(other, &target)) {
            found.error(&node.span, "there is a target for this period already").help("keep one of the two");
        }
        targets.push(target);
    }
    targets
}

/// Whether two targets are for the same people and the same days, however the period is written.
fn same_goal(one: &Target, other: &Target) -> bool {
    let days = |target: &Target| (target.period.first, target.period.last);
    days(one) == days(other) && one.owner == other.owner && one.team == other.team
}

fn period(node: &Node, year_starts: u32, found: &mut Problems<'_>) -> Option<Period> {
    let (value, text) = texted(node, "period")?;
    let on = |today: Day| Calendar { today, year_starts }.period(text);
    // A period that lies elsewhere when it is read on another day is no period to set a target for.
    let (one, other) = (on(Day::from_ymd_opt(2001, 2, 3)?), on(Day::from_ymd_opt(2024, 5, 6)?));
    if one.is_none() || one != other {
        let problem = found.error(&value.span, format!("`{text}` is not a period of the calendar"));
        problem.help("write 2026, 2026-Q3, 2026-07 or 2026-07-01..2026-09-30");
        return None;
    }
    one
}

fn owner(node: &Node, found: &mut Problems<'_>) -> Option<String> {
    let (value, owner) = texted(node, "owner")?;
    if owner.is_empty() {
        found
            .error(&value.span, "the owner of this target is empty")
            .help("name the owner, or take `owner` out of a target for everyone");
        return None;
    }
    Some(owner.to_owned())
}

fn team(node: &Node, owned: bool, teams: &Teams, found: &mut Problems<'_>) -> Option<String> {
    let (value, team) = texted(node, "team")?;
    if owned {
        found.error(&value.span, "a target is an owner's or a team's, not both").help("write two targets");
    }
    if !teams.iter().any(|(name, _)| name == team) {
        let known = teams.iter().map(|(name, _)| name.as_str());
        let problem = found.error(&value.span, format!("there is no team `{team}`"));
        if teams.is_empty() {
            problem.help("declare it under `teams`");
        } else {
            problem.suggest(team, known);
        }
    }
    Some(team.to_owned())
}

fn amount(node: &Node, found: &mut Problems<'_>) -> Option<Decimal> {
    let (value, text) = texted(node, "amount")?;
    let amount = parse_typed_amount(text).filter(|amount| *amount >= Decimal::ZERO);
    if amount.is_none() {
        found
            .error(&value.span, format!("`{text}` is not an amount to reach"))
            .help("write digits, such as `250000` or `250k`");
    }
    amount
}
