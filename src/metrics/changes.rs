//! `report changes`: how the open pipeline came from what it was at the period's start to what it is at `e` (metrics §7).

use rust_decimal::Decimal;

use super::chart::Chart;
use super::figures::{Cell, Column, Figures, Kind, Note, Row, Section, Shape};
use super::group::Grouped;
use super::question::{Question, deals};
use crate::deal::journey::Stay;
use crate::deal::money::{Currency, FINEST, NoRate, parse_amount, round};
use crate::deal::period::Period;
use crate::deal::time::{Cut, Instant};
use crate::process::{Lang, Outcome, Words};

/// Its pictures.
pub(super) const CHARTS: &[Chart] = &[Chart::waterfall("changes", "step", &["value"])];

/// A line of the report: the stock at either end, or what happened to it in between (metrics §7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// Open just before the period.
    Start,
    /// Came to be in it.
    Created,
    /// Closed, and open again.
    Reopened,
    /// Worth more by an edit, while open.
    ValueUp,
    /// Worth less by an edit, while open.
    ValueDown,
    /// Left as won.
    Won,
    /// Left as lost.
    Lost,
    /// Left as disqualified.
    Disqualified,
    /// Open at `e`.
    End,
}

impl Line {
    /// In the order in which they add up: the last is the sum of the others.
    pub const ALL: [Line; 9] = [
        Line::Start,
        Line::Created,
        Line::Reopened,
        Line::ValueUp,
        Line::ValueDown,
        Line::Won,
        Line::Lost,
        Line::Disqualified,
        Line::End,
    ];

    fn of(outcome: Outcome) -> Line {
        match outcome {
            Outcome::Won => Line::Won,
            Outcome::Lost => Line::Lost,
            Outcome::Disqualified => Line::Disqualified,
        }
    }

    /// Its key in the column `step`.
    pub fn key(self) -> &'static str {
        match self {
            Line::Start => "open_at_start",
            Line::Created => "created",
            Line::Reopened => "reopened",
            Line::ValueUp => "value_up",
            Line::ValueDown => "value_down",
            Line::Won => "won",
            Line::Lost => "lost",
            Line::Disqualified => "disqualified",
            Line::End => "open_at_end",
        }
    }

    /// Whether deals leave the open pipeline by it, so that their number and value count against it.
    fn leaves(self) -> bool {
        matches!(self, Line::Won | Line::Lost | Line::Disqualified)
    }

    /// Whether deals stay in the open pipeline, and only their value changes.
    fn revalues(self) -> bool {
        matches!(self, Line::ValueUp | Line::ValueDown)
    }
}

/// Decimals of a value in another currency: a quotient of rates has no end, and sums of ends that are cut off at
/// different places do not add up. An amount's six digits times a rate's six are all kept.
const EXACT: u32 = 2 * FINEST;

/// What stands in a line.
#[derive(Clone, Debug, Default)]
struct Lot {
    deals: u64,
    /// Those of the deals that have a value.
    valued: u64,
    /// What the line adds to the open pipeline, in the currency of the figures.
    value: Decimal,
}

/// The lines of a span of time, and what has to be said of the deals in them.
#[derive(Clone, Debug, Default)]
struct Lines {
    lots: [Lot; Line::ALL.len()],
    /// Deals in them whose value is in another currency than the figures.
    foreign: u64,
    /// Deals in them without a value.
    valueless: u64,
    /// Deals that closed and were reopened, both within the span.
    came_back: u64,
}

impl Lines {
    fn lot(&mut self, line: Line) -> &mut Lot {
        &mut self.lots[line as usize]
    }

    fn is_empty(&self) -> bool {
        self.lots.iter().all(|lot| lot.deals == 0)
    }

    fn add(&mut self, other: &Lines) {
        for (lot, more) in self.lots.iter_mut().zip(&other.lots) {
            lot.deals += more.deals;
            lot.valued += more.valued;
            lot.value += more.value;
        }
        self.foreign += other.foreign;
        self.valueless += other.valueless;
        self.came_back += other.came_back;
    }
}

/// When a deal came into the open pipeline and left it, and when its value may have changed, up to `e`.
struct Path<'q> {
    question: &'q Question<'q>,
    deal: usize,
    crossings: Vec<(Instant, Line)>,
    edits: Vec<Instant>,
}

impl<'q> Path<'q> {
    fn of(question: &'q Question<'q>, deal: usize) -> Path<'q> {
        let (book, e) = (question.book, question.e());
        let fields = ["value", "currency"].map(|name| book.place(name));
        let changes = book.changes(question.journeys.deals[deal].deal as usize);
        let priced = changes.filter(|change| fields.contains(&Some(change.field)) && e.sees(change.at));
        let mut edits: Vec<Instant> = priced.map(|change| change.at).collect();
        edits.sort_unstable();
        edits.dedup();
        Path { question, deal, crossings: crossings(question, deal), edits }
    }

    /// The deal's own lines between two instants, the first of them included.
    ///
    /// Errors: a value that counts, in a currency without a rate on the day of `e`.
    fn lines(&self, from: Instant, to: Cut) -> Result<Lines, NoRate> {
        let mut lines = Lines::default();
        let within = |at: Instant| at >= from && to.sees(at);
        for (line, cut) in [(Line::Start, Cut::before(from).min(to)), (Line::End, to)] {
            if self.is_open(cut) {
                self.put(line, cut, &mut lines)?;
            }
        }
        for &(at, line) in self.crossings.iter().filter(|(at, _)| within(*at)) {
            self.put(line, Cut::now(at), &mut lines)?;
        }
        for &at in self.edits.iter().filter(|at| within(**at)) {
            // An edit comes before the moves of its instant: it counts where the deal was open until then.
            if self.is_open(Cut::before(at)) {
                self.revalue(at, &mut lines)?;
            }
        }
        let back = |pair: &[(Instant, Line)]| pair[0].1.leaves() && within(pair[0].0) && within(pair[1].0);
        lines.came_back = u64::from(self.crossings.windows(2).any(back));
        Ok(lines)
    }

    fn is_open(&self, cut: Cut) -> bool {
        let stay = self.question.journeys.standing(self.deal, cut);
        stay.is_some_and(|stay| self.question.process.is_open(stay.stage))
    }

    /// Puts the deal into a line, with what it is worth then.
    fn put(&self, line: Line, cut: Cut, lines: &mut Lines) -> Result<(), NoRate> {
        let value = self.worth(cut, lines)?;
        let lot = lines.lot(line);
        lot.deals += 1;
        lot.valued += u64::from(value.is_some());
        let value = value.unwrap_or_default();
        lot.value += if line.leaves() { -value } else { value };
        Ok(())
    }

    /// Puts what the edits of an instant did to the value of the open deal into its line.
    fn revalue(&self, at: Instant, lines: &mut Lines) -> Result<(), NoRate> {
        let before = self.worth(Cut::before(at), lines)?.unwrap_or_default();
        let change = self.worth(Cut::now(at), lines)?.unwrap_or_default() - before;
        if !change.is_zero() {
            let lot = lines.lot(if change > Decimal::ZERO { Line::ValueUp } else { Line::ValueDown });
            (lot.deals, lot.valued) = (1, 1);
            lot.value += change;
        }
        Ok(())
    }

    /// The deal's value at a cut, at the rate of the day of `e`; none where it has none then.
    fn worth(&self, cut: Cut, lines: &mut Lines) -> Result<Option<Decimal>, NoRate> {
        let Question { book, process, rates, .. } = self.question;
        let deal = self.question.journeys.deals[self.deal].deal as usize;
        let cell = |field: &str| book.place(field).map_or("", |place| book.field_at(deal, place, cut));
        let Some(amount) = parse_amount(cell("value")) else {
            lines.valueless = 1;
            return Ok(None);
        };
        let currency = Currency::named(cell("currency")).unwrap_or(process.currency);
        if currency != self.question.currency {
            lines.foreign = 1;
        }
        let day = self.question.e().day(self.question.zone());
        let worth = rates.convert(amount, currency, self.question.currency, process.currency, day)?;
        Ok(Some(worth.round_dp(EXACT)))
    }
}

/// When a deal came into the open pipeline and left it, up to `e`, in order.
fn crossings(question: &Question<'_>, deal: usize) -> Vec<(Instant, Line)> {
    let (process, e) = (question.process, question.e());
    let created = question.journeys.deals[deal].created;
    if created.is_some_and(|created| !e.sees(created)) {
        return Vec::new();
    }
    let exists = created.unwrap_or(Instant::ALWAYS);
    let stays = question.journeys.stays(deal);
    let stays = &stays[..stays.partition_point(|stay| e.sees(stay.entered))];
    // What it left before it existed is no part of its path.
    let begun = stays.partition_point(|stay| stay.entered <= exists).saturating_sub(1);
    let stays = &stays[begun..];
    let Some(first) = stays.first() else { return Vec::new() };
    let is_open = |stay: &Stay| process.is_open(stay.stage);
    // A change of outcome is part of the close: the last one stands.
    let closed_as = |from: usize| stays[from..].iter().map_while(|stay| process.outcome(stay.stage)).last();
    let mut crossings = Vec::new();
    // A deal of unknown creation always was there, and one that closed at an unknown time was never open.
    if created.is_some() && (is_open(first) || first.entered != Instant::ALWAYS) {
        crossings.push((first.entered.max(exists), Line::Created));
    }
    let mut open = is_open(first) || !crossings.is_empty();
    for (index, stay) in stays.iter().enumerate() {
        let at = stay.entered.max(exists);
        match (open, is_open(stay)) {
            (true, false) => crossings.extend(closed_as(index).map(|outcome| (at, Line::of(outcome)))),
            (false, true) => crossings.push((at, Line::Reopened)),
            _ => {}
        }
        open = is_open(stay);
    }
    crossings
}

/// The report.
///
/// Errors: a value that counts, in a currency without a rate on the day of `e`.
pub fn changes(question: &Question<'_>) -> Result<Figures, NoRate> {
    let begun = begun(question);
    let spans = spans(&begun);
    let empty = Lines::default();
    let mut grouped = Grouped::new(&begun, empty.clone());
    for &deal in &question.picked {
        let path = Path::of(question, deal);
        grouped.total_mut().add(&path.lines(question.start(), question.e())?);
        for &(from, to) in &spans {
            let own = path.lines(from, to)?;
            if !own.is_empty() {
                grouped.add_to_group(&begun, deal, Some(from), &empty, |lines| lines.add(&own));
            }
        }
    }
    let rows = grouped.rows(|lines, _| rows(question, lines));
    let columns = vec![
        Column::new("step", Kind::Text),
        Column::new("deals", Kind::Count),
        Column::new("value", Kind::Total),
    ];
    let section = Section { key: "changes", shape: Shape::List, by: question.group_columns(), columns, rows };
    let mut notes = notes(question, grouped.total());
    if section.rows.chunks(Line::ALL.len()).any(|rows| rounds_apart(question, rows)) {
        let text = Words::of_ours(|lang| match lang {
            Lang::En => {
                "amounts are rounded where they are shown: the last digit of a sum may differ by that"
                    .to_owned()
            }
            Lang::ZhTw => "金額只在顯示時取整：合計的末位數字可能因此有差".to_owned(),
        });
        notes.push(Note { code: "rounded", text, deals: None });
    }
    Ok(Figures { name: "changes", scope: Some(question.scope()), sections: vec![section], notes })
}

/// The deals in a line, in the order of the file.
///
/// Errors: as [`changes`].
pub fn deals_in(question: &Question<'_>, line: Line) -> Result<Vec<usize>, NoRate> {
    let mut found = Vec::new();
    for &deal in &question.picked {
        let lines = Path::of(question, deal).lines(question.start(), question.e())?;
        if lines.lots[line as usize].deals > 0 {
            found.push(deal);
        }
    }
    Ok(found)
}

/// The question of the part of the period that has begun: of a unit of time after `e` nothing is known.
fn begun<'a>(question: &Question<'a>) -> Question<'a> {
    let last = question.period.last.min(question.e().day(question.zone()));
    question.over(Period { last, ..question.period.clone() })
}

/// From when to when each group's lines run: over the whole period, or over each unit of time.
fn spans(question: &Question<'_>) -> Vec<(Instant, Cut)> {
    let (start, e, zone) = (question.start(), question.e(), question.zone());
    match question.units() {
        None => vec![(start, e)],
        Some(units) => {
            units.iter().map(|unit| (unit.start(zone).max(start), unit.end(zone).min(e))).collect()
        }
    }
}

fn rows(question: &Question<'_>, lines: &Lines) -> Vec<Vec<Cell>> {
    let row = |line: Line| {
        let lot = &lines.lots[line as usize];
        let count = lot.deals as i64;
        // An edit changes no number of deals; how many were edited is the `n` of the value.
        let deals = match line {
            _ if line.revalues() => Cell::Empty,
            _ if line.leaves() => Cell::Change(-count),
            _ => Cell::Change(count),
        };
        vec![Cell::Key(line.key()), deals, question.money(Some(lot.value), lot.valued as usize)]
    };
    Line::ALL.into_iter().map(row).collect()
}

/// Whether the lines of a group, which add up, do so no longer once each is rounded as it is shown.
fn rounds_apart(question: &Question<'_>, rows: &[Row]) -> bool {
    let digits = question.process.digits(question.currency);
    let shown = rows.iter().filter_map(|row| match row.cells.last() {
        Some(Cell::Money { amount: Some(amount), .. }) => Some(round(*amount, digits)),
        _ => None,
    });
    let shown: Vec<Decimal> = shown.collect();
    shown.split_last().is_some_and(|(end, steps)| steps.iter().sum::<Decimal>() != *end)
}

fn notes(question: &Question<'_>, total: &Lines) -> Vec<Note> {
    let mut notes = question.notes();
    let mut note = |code, count: u64, text: Words| {
        if count > 0 {
            notes.push(Note { code, text, deals: Some(count) });
        }
    };
    let day = question.e().day(question.zone());
    note(
        "rates_of_one_day",
        total.foreign,
        Words::of_ours(|lang| match lang {
            Lang::En => format!(
                "{} in another currency, all at the rates of {day}: totals of closed deals elsewhere may differ",
                deals(total.foreign)
            ),
            Lang::ZhTw => format!(
                "{} 件商機為其他幣別，一律按 {day} 的匯率換算：他處的結案金額合計可能不同",
                total.foreign
            ),
        }),
    );
    note(
        "no_value",
        total.valueless,
        Words::of_ours(|lang| match lang {
            Lang::En => format!("{} without a value at some time: 0 then", deals(total.valueless)),
            Lang::ZhTw => format!("{} 件商機曾有一段時間沒有金額：該段時間以 0 計", total.valueless),
        }),
    );
    note(
        "closed_and_reopened",
        total.came_back,
        Words::of_ours(|lang| match lang {
            Lang::En => format!(
                "{} closed and reopened in the period: each time counts here, elsewhere only how it stands",
                deals(total.came_back)
            ),
            Lang::ZhTw => {
                format!("{} 件商機在本期結案後又重啟：此處每次都計入，他處只看其最後狀態", total.came_back)
            }
        }),
    );
    notes
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Asked, Fixture};

    const PROCESS: &str = "\
currency: USD
stages:
  - {id: lead}
  - {id: offer}
  - {id: won, outcome: won}
  - {id: lost, outcome: lost}
  - {id: disqualified, outcome: disqualified}
rates: {EUR: 1.5, GBP: 2}
";

    const ASKED: Asked<'static> =
        Asked { report: "changes", period: "2026-03", as_of: "2026-03-31", by: &[] };

    fn fixture(deals: &str, history: &str) -> Fixture {
        let header = "id,name,owner,stage,stage_since,value,currency,created,closed\n";
        Fixture::new(PROCESS, &format!("{header}{deals}"), history)
    }

    /// The lines of March in which there is a deal.
    fn march(deals: &str, history: &str) -> Vec<String> {
        let lines = fixture(deals, history).lines(ASKED, "changes");
        lines.into_iter().filter(|line| !line.ends_with(",0,0.00,0") && !line.ends_with(",,0.00,0")).collect()
    }

    #[test]
    fn a_deal_created_and_closed_within_stands_in_both() {
        let history = "\
2026-03-02T09:00:00Z,a,stage,,,lead,,
2026-03-02T09:00:00Z,a,set,value,,100,,
2026-03-09T09:00:00Z,a,stage,,lead,won,,
";
        let lines = march("a,A,ana,won,,100,,2026-03-02T09:00:00Z,2026-03-09T09:00:00Z\n", history);
        assert_eq!(lines, ["created,1,100.00,1", "won,-1,-100.00,1"]);
    }

    #[test]
    fn edits_count_while_the_deal_is_open_and_before_the_close_of_their_instant() {
        // 100 at the start; up by 50, down by 30, and at the instant of the win up by 5: 125 leaves. The edit to 999
        // comes later, of a closed deal. Of the three edits two go up, of one deal.
        let history = "\
2026-02-02T09:00:00Z,a,stage,,,lead,,
2026-02-02T09:00:00Z,a,set,value,,100,,
2026-03-03T09:00:00Z,a,set,value,100,150,,
2026-03-04T09:00:00Z,a,set,value,150,120,,
2026-03-09T09:00:00Z,a,stage,,lead,won,,
2026-03-09T09:00:00Z,a,set,value,120,125,,
2026-03-10T09:00:00Z,a,set,value,125,999,,
";
        let lines = march("a,A,ana,won,,999,,2026-02-02T09:00:00Z,2026-03-09T09:00:00Z\n", history);
        assert_eq!(
            lines,
            ["open_at_start,1,100.00,1", "value_up,,55.00,1", "value_down,,-30.00,1", "won,-1,-125.00,1"]
        );
    }

    #[test]
    fn a_deal_comes_back_with_the_value_it_has_then() {
        // Lost at 100, raised to 140 while it was lost, back at 140, won, back again at 150 and lost at 150: the
        // edit to 150 shares the instant of the second return, when the deal was closed until then.
        let history = "\
2026-02-02T09:00:00Z,a,stage,,,lead,,
2026-02-02T09:00:00Z,a,set,value,,100,,
2026-03-03T09:00:00Z,a,stage,,lead,lost,,
2026-03-04T09:00:00Z,a,set,value,100,140,,
2026-03-05T09:00:00Z,a,stage,,lost,offer,,
2026-03-06T09:00:00Z,a,stage,,offer,won,,
2026-03-07T09:00:00Z,a,stage,,won,offer,,
2026-03-07T09:00:00Z,a,set,value,140,150,,
2026-03-08T09:00:00Z,a,stage,,offer,lost,,
";
        let deals = "a,A,ana,lost,,150,,2026-02-02T09:00:00Z,2026-03-08T09:00:00Z\n";
        let lines = march(deals, history);
        // 100 + (140 + 150) - 140 - (100 + 150) = 0.
        assert_eq!(
            lines,
            ["open_at_start,1,100.00,1", "reopened,2,290.00,2", "won,-1,-140.00,1", "lost,-2,-250.00,2"]
        );
        assert_eq!(fixture(deals, history).notes(ASKED), [("closed_and_reopened", Some(1))]);
    }

    #[test]
    fn a_change_of_outcome_is_part_of_the_close() {
        let history = "\
2026-02-02T09:00:00Z,a,stage,,,lead,,
2026-03-03T09:00:00Z,a,stage,,lead,lost,,
2026-03-04T09:00:00Z,a,stage,,lost,disqualified,,
";
        let deals = "a,A,ana,disqualified,,,,2026-02-02T09:00:00Z,2026-03-04T09:00:00Z\n";
        assert_eq!(march(deals, history), ["open_at_start,1,0.00,0", "disqualified,-1,0.00,0"]);
        assert_eq!(fixture(deals, history).notes(ASKED), [("no_value", Some(1))]);
    }

    #[test]
    fn another_currency_is_value_up_or_down_at_the_rates_of_the_last_day() {
        // 100 EUR are 150.00, 100 GBP 200.00, 120 GBP 240.00: up by 50 and by 40.
        let history = "\
2026-02-02T09:00:00Z,a,stage,,,lead,,
2026-03-03T09:00:00Z,a,set,currency,EUR,GBP,,
2026-03-04T09:00:00Z,a,set,value,100,120,,
";
        let deals = "a,A,ana,lead,,120,GBP,2026-02-02T09:00:00Z,\n";
        assert_eq!(
            march(deals, history),
            ["open_at_start,1,150.00,1", "value_up,,90.00,1", "open_at_end,1,240.00,1"]
        );
        assert_eq!(fixture(deals, history).notes(ASKED), [("rates_of_one_day", Some(1))]);
    }

    #[test]
    fn what_rounding_hides_is_noted() {
        // 0.003 EUR are 0.0045 USD, shown as 0.00; two of them are 0.009, shown as 0.01.
        let deals = "a,A,ana,lead,,0.003,EUR,2026-02-02,\nb,B,ana,lead,,0.003,EUR,2026-03-02,\n";
        assert_eq!(march(deals, ""), ["open_at_start,1,0.00,1", "created,1,0.00,1", "open_at_end,2,0.01,2"]);
        let notes = fixture(deals, "").notes(ASKED);
        assert!(notes.ends_with(&[("rates_of_one_day", Some(2)), ("rounded", None)]), "{notes:?}");
    }

    #[test]
    fn deals_that_history_tells_little_of() {
        // a: unknown creation, open. b: closed without history, open and of unknown stage until then. c: the same,
        // but closed at an unknown time. d: entered as won, so it came and went. e: closed before March.
        // f: not there before the cell says so, though it moved earlier.
        let deals = "\
a,A,ana,lead,,10,,,
b,B,ana,lost,,20,,2026-02-01,2026-03-10
c,C,ana,won,,40,,2026-03-05,
d,D,ana,won,,80,,2026-03-06T09:00:00Z,
e,E,ana,won,,160,,2026-02-01,2026-02-20
f,F,ana,offer,,320,,2026-03-20,
";
        let history = "\
2026-03-06T09:00:00Z,d,stage,,,won,,
2026-03-01T09:00:00Z,f,stage,,,lead,,
2026-03-02T09:00:00Z,f,stage,,lead,offer,,
";
        // Start 10 + 20; created d and f; end 10 + 320.
        assert_eq!(
            march(deals, history),
            [
                "open_at_start,2,30.00,2",
                "created,2,400.00,2",
                "won,-1,-80.00,1",
                "lost,-1,-20.00,1",
                "open_at_end,2,330.00,2"
            ]
        );
    }

    #[test]
    fn each_month_begins_with_what_the_one_before_ended_with() {
        // The period runs to the end of April, but it is seen from 31 March: April has not begun.
        let deals = "a,A,ana,lead,,30,,2026-01-20T09:00:00Z,\nb,B,ben,won,,7,,2026-01-25T09:00:00Z,\n";
        let history = "\
2026-01-20T09:00:00Z,a,stage,,,lead,,
2026-02-10T09:00:00Z,a,set,value,10,20,,
2026-03-10T09:00:00Z,a,set,value,20,30,,
2026-01-25T09:00:00Z,b,stage,,,lead,,
2026-03-01T00:00:00Z,b,stage,,lead,won,,
";
        let asked = Asked { period: "2026-02-05..2026-04-30", by: &["month"], ..ASKED };
        let lines = fixture(deals, history).lines(asked, "changes");
        let within = |line: &&String| !line.ends_with(",0,0.00,0") && !line.ends_with(",,0.00,0");
        assert_eq!(
            lines.iter().filter(within).collect::<Vec<_>>(),
            [
                "2026-02,open_at_start,2,17.00,2",
                "2026-02,value_up,,10.00,1",
                "2026-02,open_at_end,2,27.00,2",
                "2026-03,open_at_start,2,27.00,2",
                "2026-03,value_up,,10.00,1",
                "2026-03,won,-1,-7.00,1",
                "2026-03,open_at_end,1,30.00,1",
                "total,open_at_start,2,17.00,2",
                "total,value_up,,20.00,1",
                "total,won,-1,-7.00,1",
                "total,open_at_end,1,30.00,1"
            ]
        );
    }
}
