//! A board as people read it: the stages side by side, the deals as cards under them.
//!
//! A terminal has as many columns as it can show names in, and the other stages below them; in a pipe nothing is cut.

use std::io::{self, Write};

use anstyle::Style;

use super::fit::GAP;
use super::labels::{label, more, so_many_days, so_many_deals, so_many_stalled};
use super::look::{ERROR, HEADING, Look, QUIET};
use super::markdown;
use super::value::{NamedCurrency, Writer};
use super::width::{cut, width, wrap};
use crate::metrics::board::{Board, Card, Lane};
use crate::metrics::figures::Cell;

/// The narrowest column in which a name can be told from others.
const LEAST: usize = 18;

/// One line of a column, before it is fitted.
struct Line {
    text: String,
    style: Style,
}

impl Line {
    fn plain(text: String) -> Line {
        Line { text, style: Style::new() }
    }
}

/// What is written in one column of a board, in the words of a look.
struct Column<'a> {
    writer: &'a Writer<'a>,
    lane: &'a Lane,
    /// How wide it may be; `None` where nothing is cut.
    limit: Option<usize>,
}

/// Writes the board as text.
pub(super) fn write(board: &Board, look: &Look, out: &mut dyn Write) -> io::Result<()> {
    let writer = Writer { look, currency: NamedCurrency::Scope(board.currency) };
    let lanes = board.columns.as_slice();
    let (side_by_side, limit) = match look.limit() {
        None => (lanes.len(), None),
        Some(limit) => {
            let columns = columns_within(lanes.len(), limit);
            (columns, Some((limit - GAP * (columns - 1)) / columns))
        }
    };
    for (index, lanes) in lanes.chunks(side_by_side.max(1)).enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        let columns: Vec<Column<'_>> =
            lanes.iter().map(|lane| Column { writer: &writer, lane, limit }).collect();
        write_band(&columns, look, out)?;
    }
    Ok(())
}

/// How many of `lanes` columns to put side by side within `limit`, so that all rows of them are about as full.
fn columns_within(lanes: usize, limit: usize) -> usize {
    let most = ((limit + GAP) / (LEAST + GAP)).max(1);
    let bands = lanes.div_ceil(most).max(1);
    lanes.div_ceil(bands).max(1)
}

/// Columns side by side: their heads, a rule, their cards.
fn write_band(columns: &[Column<'_>], look: &Look, out: &mut dyn Write) -> io::Result<()> {
    let heads: Vec<Vec<Line>> = columns.iter().map(Column::head).collect();
    let cards: Vec<Vec<Line>> = columns.iter().map(Column::cards).collect();
    let natural = |lines: &[Line]| lines.iter().map(|line| width(&line.text)).max().unwrap_or(0);
    let widths: Vec<usize> = columns
        .iter()
        .zip(heads.iter().zip(&cards))
        .map(|(column, (head, cards))| column.limit.unwrap_or(natural(head).max(natural(cards))))
        .collect();
    // Boxes are drawn for people alone.
    let mark = if look.terminal { look.pick("─", "-") } else { "-" };
    let rule = |wide: &usize| vec![Line { text: mark.repeat(*wide), style: QUIET }];
    let rules: Vec<Vec<Line>> = widths.iter().map(rule).collect();
    for block in [heads, rules, cards] {
        let height = block.iter().map(Vec::len).max().unwrap_or(0);
        for row in 0..height {
            let cells: Vec<Option<&Line>> = block.iter().map(|lines| lines.get(row)).collect();
            writeln!(out, "{}", side_by_side(&cells, &widths, look))?;
        }
    }
    Ok(())
}

/// One line of each column, without blanks at the end.
fn side_by_side(cells: &[Option<&Line>], widths: &[usize], look: &Look) -> String {
    let mut shown = String::new();
    let mut blanks = 0;
    for (cell, wide) in cells.iter().zip(widths) {
        let text = cell.map_or("", |line| line.text.as_str());
        if let Some(line) = cell.filter(|line| !line.text.is_empty()) {
            shown.push_str(&" ".repeat(blanks));
            shown.push_str(&if line.style == Style::new() {
                line.text.clone()
            } else {
                look.paint(line.style, &line.text)
            });
            blanks = 0;
        }
        blanks += wide.saturating_sub(width(text)) + GAP;
    }
    shown
}

impl Column<'_> {
    /// The stage, how many deals are in it and what they are worth.
    fn head(&self) -> Vec<Line> {
        let title = self.writer.text(self.writer.look.stage(&self.lane.stage));
        let titled = self.limit.map_or_else(|| vec![title.clone()], |limit| wrap(&title, limit));
        let facts = self.packed(&[&sums(self.lane, self.writer)]);
        let head = titled.into_iter().map(|text| Line { text, style: HEADING });
        head.chain(facts.into_iter().map(Line::plain)).collect()
    }

    fn cards(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        for card in &self.lane.cards {
            if !lines.is_empty() {
                lines.push(Line::plain(String::new()));
            }
            let name = self.writer.text(&card.name);
            lines.push(Line::plain(self.cut(&name)));
            let [whose, what, marks] = facts(card, self.writer);
            lines.extend(self.packed(&[&whose, &what]).into_iter().map(Line::plain));
            let style = if card.stalled { ERROR } else { HEADING };
            lines.extend(self.packed(&[&marks]).into_iter().map(|text| Line { text, style }));
        }
        if let Some(text) = more_text(self.lane, self.writer) {
            lines.push(Line::plain(String::new()));
            lines.push(Line { text: self.cut(&text), style: QUIET });
        }
        lines
    }

    /// Groups of facts, each group on a line of its own, or on several where it does not fit.
    fn packed(&self, groups: &[&[String]]) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for group in groups {
            let mut line: Option<String> = None;
            for fact in *group {
                let longer = line.as_ref().map(|line| self.writer.joined(&[line.clone(), fact.clone()]));
                line = Some(match (line, longer) {
                    (Some(_), Some(longer)) if self.fits(&longer) => longer,
                    (Some(full), _) => {
                        lines.push(full);
                        self.cut(fact)
                    }
                    (None, _) => self.cut(fact),
                });
            }
            lines.extend(line);
        }
        lines
    }

    fn fits(&self, text: &str) -> bool {
        self.limit.is_none_or(|limit| width(text) <= limit)
    }

    fn cut(&self, text: &str) -> String {
        let mark = self.writer.look.pick("…", "...");
        self.limit.map_or_else(|| text.to_owned(), |limit| cut(text, limit, mark))
    }
}

/// What stands in a column: how many deals, their value, how many of them are stalled.
pub(super) fn sums(lane: &Lane, writer: &Writer<'_>) -> Vec<String> {
    let look = writer.look;
    let NamedCurrency::Scope(currency) = writer.currency else { return Vec::new() };
    let alone = Writer { look, currency: NamedCurrency::Nowhere };
    let mut sums = vec![so_many_deals(lane.deals, look.lang)];
    if lane.valued > 0 {
        sums.push(alone.cell(&Cell::Money { amount: Some(lane.value), currency, n: None }));
    }
    if lane.stalled > 0 {
        sums.push(so_many_stalled(lane.stalled, look.lang));
    }
    sums
}

/// Which deal and whose it is; what it is worth and how long it has been there; what is to be said of that.
pub(super) fn facts(card: &Card, writer: &Writer<'_>) -> [Vec<String>; 3] {
    let lang = writer.look.lang;
    let some = |texts: [Option<String>; 2]| texts.into_iter().flatten().collect();
    let owner = Some(writer.text(&card.owner)).filter(|owner| !owner.is_empty());
    let value = card.value.map(|(amount, currency)| Cell::Money { amount: Some(amount), currency, n: None });
    let days = card.days.map(|days| so_many_days(days, lang));
    let mark = |marked: bool, key| marked.then(|| label(key, lang).into_owned());
    [
        some([Some(writer.text(&card.id)), owner]),
        some([value.map(|cell| writer.cell(&cell)), days]),
        some([mark(card.stalled, "stalled"), mark(card.oldest, "oldest")]),
    ]
}

/// How many deals are not among the cards, where some are not.
pub(super) fn more_text(lane: &Lane, writer: &Writer<'_>) -> Option<String> {
    let hidden = lane.deals.saturating_sub(lane.cards.len() as u64);
    (hidden > 0).then(|| more(hidden, writer.look.lang))
}

/// Writes the board as one markdown table, a card a cell.
pub(super) fn write_markdown(board: &Board, look: &Look, out: &mut dyn Write) -> io::Result<()> {
    let writer = Writer { look, currency: NamedCurrency::Scope(board.currency) };
    let line = |cells: Vec<String>| format!("| {} |", cells.join(" | "));
    let text = |text: &str| markdown::text(text).into_owned();
    let heads = board.columns.iter().map(|lane| {
        let sums = writer.joined(&sums(lane, &writer));
        format!("{}<br>{}", text(&writer.text(look.stage(&lane.stage))), text(&sums))
    });
    writeln!(out, "{}", line(heads.collect()))?;
    writeln!(out, "{}", line(board.columns.iter().map(|_| "---".to_owned()).collect()))?;
    let height = board.columns.iter().map(|lane| lane.cards.len()).max().unwrap_or(0);
    for row in 0..height {
        let cells = board.columns.iter().map(|lane| {
            let Some(card) = lane.cards.get(row) else { return String::new() };
            let facts = facts(card, &writer).into_iter().filter(|facts| !facts.is_empty());
            let facts = facts.map(|facts| text(&writer.joined(&facts)));
            let name = format!("**{}**", text(&writer.text(&card.name)));
            std::iter::once(name).chain(facts).collect::<Vec<_>>().join("<br>")
        });
        writeln!(out, "{}", line(cells.collect()))?;
    }
    if board.columns.iter().any(|lane| more_text(lane, &writer).is_some()) {
        let rest = board.columns.iter().map(|lane| more_text(lane, &writer).unwrap_or_default());
        writeln!(out, "{}", line(rest.collect()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deal::money::Currency;
    use crate::metrics::ages::Ages;
    use crate::process::Lang;

    fn card(id: &str, name: &str, owner: &str, value: Option<(i64, &str)>, days: f64) -> Card {
        let value = value.map(|(amount, code)| (amount.into(), Currency::named(code).unwrap()));
        let (id, name, owner) = (id.to_owned(), name.to_owned(), owner.to_owned());
        Card { id, name, owner, value, days: Some(days), stalled: false, oldest: false }
    }

    fn lane(stage: &str, deals: u64, valued: u64, value: i64, cards: Vec<Card>) -> Lane {
        let stalled = cards.iter().filter(|card| card.stalled).count() as u64;
        Lane {
            stage: stage.to_owned(),
            deals,
            valued,
            value: value.into(),
            stalled,
            ages: Ages::default(),
            cards,
        }
    }

    fn sample() -> Board {
        let old = Card {
            stalled: true,
            oldest: true,
            ..card("deal-7", "Conveyor retrofit, second hall", "ben", None, 41.9)
        };
        let needs =
            vec![card("deal-3", "台北生技冷鏈監測系統擴充案", "陳怡君", Some((250_000, "TWD")), 7.1), old];
        let proposal = vec![card("deal-1", "Sensors", "ana", Some((12_000, "USD")), 25.0)];
        Board {
            columns: vec![lane("Needs", 2, 1, 8_000, needs), lane("Proposal", 4, 2, 15_500, proposal)],
            currency: Currency::named("USD").unwrap(),
        }
    }

    fn drawn(board: &Board, look: &Look) -> String {
        let mut out = Vec::new();
        write(board, look, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn terminal(width: usize) -> Look {
        Look { terminal: true, width: Some(width), ..Look::default() }
    }

    #[test]
    fn columns_line_up_and_names_are_cut() {
        let shown = "\
Needs               Proposal
2 deals             4 deals
8,000.00 USD        15,500.00 USD
1 stalled
──────────────────  ──────────────────
台北生技冷鏈監測…   Sensors
deal-3 · 陳怡君     deal-1 · ana
250,000.00 TWD      12,000.00 · 25 d
7 d
                    3 more
Conveyor retrofit…
deal-7 · ben
41 d
Stalled · Oldest
";
        assert_eq!(drawn(&sample(), &terminal(38)), shown);
    }

    #[test]
    fn a_narrow_terminal_has_the_stages_below_one_another() {
        let narrow = drawn(&sample(), &terminal(37));
        let lines: Vec<&str> = narrow.lines().collect();
        assert_eq!(lines[..3], ["Needs", "2 deals · 8,000.00 USD · 1 stalled", &"─".repeat(37)]);
        assert_eq!(lines[3..6], ["台北生技冷鏈監測系統擴充案", "deal-3 · 陳怡君", "250,000.00 TWD · 7 d"]);
        assert!(lines.contains(&"Proposal"));
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        for lang in [Lang::En, Lang::ZhTw] {
            for unicode in [true, false] {
                for columns in 1..90 {
                    let text = drawn(&sample(), &Look { unicode, lang, ..terminal(columns) });
                    let widest = text.lines().map(width).max().unwrap();
                    assert!(widest <= columns.max(10), "{columns}:\n{text}");
                }
            }
        }
    }

    #[test]
    fn nothing_is_cut_in_a_pipe() {
        // The sums of the first stage are the widest of it: 34 columns.
        let shown = "\
Needs                               Proposal
2 deals · 8,000.00 USD · 1 stalled  4 deals · 15,500.00 USD
----------------------------------  -----------------------
台北生技冷鏈監測系統擴充案          Sensors
deal-3 · 陳怡君                     deal-1 · ana
250,000.00 TWD · 7 d                12,000.00 · 25 d

Conveyor retrofit, second hall      3 more
deal-7 · ben
41 d
Stalled · Oldest
";
        assert_eq!(drawn(&sample(), &Look::default()), shown);
    }

    #[test]
    fn colour_marks_what_is_stalled_and_never_shifts_a_column() {
        let plain = drawn(&sample(), &terminal(38));
        let colored = drawn(&sample(), &Look { color: true, ..terminal(38) });
        assert!(colored.contains(&format!("{ERROR}Stalled · Oldest{ERROR:#}")));
        assert_eq!(without_escapes(&colored), plain);
    }

    /// A text without its escape sequences, which all end in `m`.
    fn without_escapes(text: &str) -> String {
        let mut parts = text.split('\u{1b}');
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |all, part| all + part.split_once('m').map_or("", |(_, rest)| rest))
    }

    #[test]
    fn markdown_is_one_table_in_which_text_means_itself() {
        let mut board = sample();
        board.columns[1].cards[0].name = "A|B <b>".to_owned();
        let mut out = Vec::new();
        write_markdown(&board, &Look::default(), &mut out).unwrap();
        let shown = "\
| Needs<br>2 deals · 8,000.00 USD · 1 stalled | Proposal<br>4 deals · 15,500.00 USD |
| --- | --- |
| **台北生技冷鏈監測系統擴充案**<br>deal-3 · 陳怡君<br>250,000.00 TWD · 7 d | **A\\|B &lt;b>**<br>deal-1 · ana<br>12,000.00 · 25 d |
| **Conveyor retrofit, second hall**<br>deal-7 · ben<br>41 d<br>Stalled · Oldest |  |
|  | 3 more |
";
        assert_eq!(String::from_utf8(out).unwrap(), shown);
    }
}
