//! A review as people read it: each deal, under it what is amiss, and under that the command to paste.

use std::io::{self, Write};

use super::look::{HEADING, Look, QUIET};
use super::value::{NamedCurrency, Writer};
use super::width::wrap;
use crate::metrics::figures::Cell;
use crate::metrics::review::{Finding, Review, Reviewed};

/// How far what stands under something is set in.
const STEP: usize = 2;

/// Writes the deals one under the other.
pub(super) fn write(review: &Review, look: &Look, out: &mut dyn Write) -> io::Result<()> {
    let writer = Writer { look, currency: NamedCurrency::Nowhere };
    for (index, deal) in review.deals.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        for line in lines(&heading(deal, &writer), 0, look) {
            writeln!(out, "{}", look.paint(HEADING, &line))?;
        }
        for finding in &deal.findings {
            write_finding(finding, &writer, out)?;
        }
    }
    Ok(())
}

fn heading(deal: &Reviewed, writer: &Writer<'_>) -> String {
    let stage = writer.look.stage(&deal.stage);
    let texts = [&deal.id, &deal.name, &deal.owner, stage].map(|text| writer.text(text));
    let value = deal.value.map(|(amount, currency)| Cell::Money { amount: Some(amount), currency, n: None });
    let value = value.map(|cell| writer.cell(&cell));
    let facts: Vec<String> = texts.into_iter().chain(value).filter(|text| !text.is_empty()).collect();
    writer.joined(&facts)
}

fn write_finding(finding: &Finding, writer: &Writer<'_>, out: &mut dyn Write) -> io::Result<()> {
    let look = writer.look;
    let mut say = writer.text(&finding.say);
    if !finding.facts.is_empty() {
        say = format!("{say} ({})", writer.text(&finding.facts.join(" ")));
    }
    for line in lines(&say, STEP, look) {
        writeln!(out, "{line}")?;
    }
    if let Some(command) = &finding.command {
        // Never broken: a terminal that goes on in the next line itself still copies it as one.
        let indent = " ".repeat(2 * STEP);
        writeln!(out, "{indent}{}", look.paint(QUIET, &writer.text(command)))?;
    }
    Ok(())
}

/// A text set in by `indent`, in lines that fit a terminal.
fn lines(text: &str, indent: usize, look: &Look) -> Vec<String> {
    let lines = match look.limit() {
        None => vec![text.to_owned()],
        Some(limit) => wrap(text, limit.saturating_sub(indent)),
    };
    lines.into_iter().map(|line| format!("{}{line}", " ".repeat(indent))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deal::money::Currency;

    fn sample() -> Review {
        let finding = |say: &str, facts: &[&str], command: Option<&str>| Finding {
            rule: "stalled".to_owned(),
            say: say.to_owned(),
            facts: facts.iter().map(|fact| (*fact).to_owned()).collect(),
            command: command.map(str::to_owned),
        };
        let deal = |id: &str, name: &str, value, findings| Reviewed {
            id: id.to_owned(),
            name: name.to_owned(),
            owner: String::new(),
            stage: "proposal".to_owned(),
            value,
            findings,
        };
        let value = Some((26_500.into(), Currency::named("USD").unwrap()));
        let stalled = finding(
            "停留在「提案報價」超過 30 天",
            &["stage_age=38d"],
            Some("pipeline set deal-117 next_step='致電 林小姐'"),
        );
        let bare = finding("There is no budget", &[], None);
        Review {
            deals: vec![
                deal("deal-117", "佳和紡織染整監控", value, vec![stalled, bare]),
                deal("deal-9", "a\u{1b}[31mb", None, vec![finding("x", &[], Some("pipeline show deal-9"))]),
            ],
        }
    }

    #[test]
    fn a_narrow_terminal_wraps_what_is_said_and_never_a_command() {
        let stages = [("proposal".to_owned(), "提案報價".to_owned())].into();
        let look = Look { terminal: true, width: Some(34), stages, ..Look::default() };
        let mut out = Vec::new();
        write(&sample(), &look, &mut out).unwrap();
        let shown = "\
deal-117 · 佳和紡織染整監控 · 提案
報價 · 26,500.00 USD
  停留在「提案報價」超過 30 天
  (stage_age=38d)
    pipeline set deal-117 next_step='致電 林小姐'
  There is no budget

deal-9 · a\\x1b[31mb · 提案報價
  x
    pipeline show deal-9
";
        assert_eq!(String::from_utf8(out).unwrap(), shown);
    }
}
