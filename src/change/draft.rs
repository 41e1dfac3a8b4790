//! A deal as a text that a person edits, and what the edited text sets. Pure.

use super::plan::{Assignment, Author};
use crate::deal::columns::{FORECASTS, Holds, holds, yaml_cell};
use crate::deal::record::Record;
use crate::error::Error;
use crate::problem::Problem;
use crate::process::{FieldType, Process};
use crate::shell;
use crate::yaml::{self, Node, Problems, Span};

/// How a line begins that says what is wrong with the one below it.
const COMPLAINT: &str = "# ! ";

/// What to do about a text that is larger than any deal.
const TOO_LARGE: &str = "keep long texts in a file of their own";

/// The text of a deal: a line for each field that can be set, with what it may be.
pub fn written(author: &Author<'_>, record: &Record<'_>) -> String {
    let process = author.process;
    let (id, stage) = (one_line(record.id()), one_line(record.get("stage")));
    let moves = shell::about("move", &id, &["STAGE"], &[]);
    let mut text = format!(
        "# {id}, in {stage}. Its stage changes with `{moves}`.\n\
         # Save and close to set what you change. To leave all as it is, change nothing,\n\
         # or delete everything. A field without a value, or without a line, is emptied.\n\
         # Dates: 2026-12-18, today, today+3d. Amounts: 12000, 10k, 1.5m.\n\n"
    );
    for field in author.settable(&columns(record)) {
        let line = yaml::line(field, record.get(field));
        text.push_str(&line);
        if let Some(choices) = choices(process, field).filter(|_| !line.contains('\n')) {
            text.push_str("  # ");
            text.push_str(&one_line(&choices));
        }
        text.push('\n');
    }
    text
}

/// What an edited text gives the fields of a deal: those alone that it gives something else than `record` holds. None
/// where it says nothing at all.
///
/// Errors: everything that is wrong in it, with its place.
pub fn read(
    author: &Author<'_>,
    record: &Record<'_>,
    file: &str,
    text: &str,
) -> Result<Option<Vec<Assignment>>, Vec<Problem>> {
    let mut found = Problems::new(file, text);
    let root = yaml::parse(&mut found, TOO_LARGE);
    let Some(root) = root.filter(|root| !root.is_null()) else {
        return if found.is_empty() { Ok(None) } else { Err(found.problems()) };
    };
    if root.entries().is_empty() {
        found.error(&root.span, "this is no deal").help("write lines of `field: value`");
        return Err(found.problems());
    }
    let mut changes = Vec::new();
    let columns = columns(record);
    for (key, node) in root.entries() {
        if let Err(error) = author.may_set(&columns, &key.text) {
            note(&mut found, &key.span, &error);
        } else if let Some(typed) = yaml_cell(&mut found, &key.text, node) {
            let span = if node.span.is_empty() { &key.span } else { &node.span };
            change(author, record, (&key.text, &typed), span, &mut found, &mut changes);
        }
    }
    let missing = |field: &&str| root.key(field).is_none() && !record.get(field).is_empty();
    for field in author.settable(&columns).into_iter().filter(missing) {
        change(author, record, (field, ""), &start(&root), &mut found, &mut changes);
    }
    if found.is_empty() { Ok(Some(changes)) } else { Err(found.problems()) }
}

/// An edited text with what is wrong in it said above each line.
pub fn with_complaints(text: &str, problems: &[Problem]) -> String {
    let mut marked = String::new();
    for (number, line) in text.lines().enumerate() {
        let of_line =
            |problem: &&Problem| problem.place.as_ref().is_some_and(|place| place.line == number + 1);
        for problem in problems.iter().filter(of_line) {
            let help = problem.help.as_ref().map(|help| format!("; {help}")).unwrap_or_default();
            marked.push_str(COMPLAINT);
            marked.push_str(&one_line(&problem.message));
            marked.push_str(&one_line(&help));
            marked.push('\n');
        }
        marked.push_str(line);
        marked.push('\n');
    }
    marked
}

/// An edited text without what was said in it.
pub fn without_complaints(text: &str) -> String {
    text.split_inclusive('\n').filter(|line| !line.starts_with(COMPLAINT)).collect()
}

/// Notes what a field is set to, where that is something else than before.
fn change(
    author: &Author<'_>,
    record: &Record<'_>,
    (field, typed): (&str, &str),
    span: &Span,
    found: &mut Problems<'_>,
    changes: &mut Vec<Assignment>,
) {
    // What nobody touched stays, whatever it is.
    if typed == record.get(field) {
        return;
    }
    match author.cell(field, typed) {
        Ok(cell) if cell == record.get(field) => {}
        Ok(cell) => changes.push((field.to_owned(), cell)),
        Err(error) => note(found, span, &error),
    }
}

fn note(found: &mut Problems<'_>, span: &Span, error: &Error) {
    let help = error.hints().first().map(|hint| (*hint).to_owned());
    found.error(span, error.to_string()).help_if(help);
}

/// Where a problem stands that is about something which is not there.
fn start(root: &Node) -> Span {
    root.span.start..root.span.start + 1
}

fn columns<'a>(record: &Record<'a>) -> Vec<&'a str> {
    record.cells().map(|(column, _)| column).filter(|column| !column.is_empty()).collect()
}

/// What a field may be, where that is one of a few texts, or whether it has to be there.
fn choices(process: &Process, field: &str) -> Option<String> {
    let choices = match holds(process, field) {
        Holds::Field(FieldType::Choice(choices)) => choices.join(", "),
        Holds::Field(FieldType::YesNo) => "yes, no".to_owned(),
        Holds::Forecast => FORECASTS.join(", "),
        _ if field == "reason" => process.reasons.join(", "),
        _ => String::new(),
    };
    let required = process.field(field).is_some_and(|field| field.required).then_some("required");
    let parts: Vec<&str> = [Some(choices.as_str()), required].into_iter().flatten().collect();
    let said = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ");
    (!said.is_empty()).then_some(said)
}

/// A text that can stand in a comment.
fn one_line(text: &str) -> String {
    text.replace(char::is_control, " ")
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use proptest::prelude::*;

    use super::*;
    use crate::deal::time::Instant;
    use crate::process;

    const PROCESS: &str = "\
stages: [{id: needs}, {id: won, outcome: won}]
reasons: [price, timing]
fields:
  - {id: budget, type: choice, choices: [unknown, no, yes]}
  - {id: legal, type: yes/no}
  - {id: region, required: true}
";

    const COLUMNS: [&str; 10] =
        ["id", "name", "stage", "stage_since", "value", "close_date", "tags", "budget", "region", "Odd: one"];

    fn columns() -> Vec<String> {
        COLUMNS.map(str::to_owned).into()
    }

    fn with<T>(cells: [&str; 10], test: impl FnOnce(&Author<'_>, &Record<'_>) -> T) -> T {
        let process = process::read("pipeline.yaml", PROCESS).unwrap();
        let at = Instant::parse("2026-11-20T12:00:00Z").unwrap();
        let author = Author { process: &process, at, today: process.zone.day_of(at), by: "", note: "" };
        let columns = columns();
        test(&author, &Record::new(&columns, cells.map(Cow::Borrowed).into()))
    }

    const DEAL: [&str; 10] = [
        "d1",
        "Crane, \"A\"",
        "needs",
        "2026-11-01",
        "12000.50",
        "2026-12-18",
        "a, b",
        "no",
        "north",
        "x\ny",
    ];

    /// What an edit of the deal sets: the fields with their cells, or what is wrong.
    fn edited(edit: impl FnOnce(String) -> String) -> Result<Option<Vec<Assignment>>, Vec<String>> {
        with(DEAL, |author, record| {
            let text = edit(written(author, record));
            let said = |problem: Problem| format!("{problem} ({})", problem.help.as_deref().unwrap_or("-"));
            read(author, record, "f", &text).map_err(|problems| problems.into_iter().map(said).collect())
        })
    }

    /// What an edit that is understood sets.
    fn sets(edit: impl FnOnce(String) -> String) -> Vec<(String, String)> {
        edited(edit).unwrap().unwrap()
    }

    fn cells(changes: &[(&str, &str)]) -> Vec<(String, String)> {
        changes.iter().map(|(field, cell)| ((*field).to_owned(), (*cell).to_owned())).collect()
    }

    #[test]
    fn a_deal_is_a_line_for_each_field_that_can_be_set() {
        let text = with(DEAL, written);
        let lines: Vec<&str> = text.lines().skip(5).collect();
        assert_eq!(
            lines,
            [
                "name: Crane, \"A\"",
                "account:",
                "contact:",
                "owner:",
                "source:",
                "value: '12000.50'",
                "currency:",
                "probability:",
                "created:",
                "close_date: 2026-12-18",
                "reason:  # price, timing",
                "next_step:",
                "next_date:",
                "forecast:  # commit, best case, pipeline, omitted",
                "tags: a, b",
                "budget: 'no'  # unknown, no, yes",
                "legal:  # yes, no",
                "region: north  # required",
                "'Odd: one': |-",
                "  x",
                "  y",
            ]
        );
    }

    #[test]
    fn what_is_typed_is_set_and_nothing_else() {
        assert_eq!(sets(|text| text), cells(&[]));
        assert_eq!(
            sets(|text| text.replace("'12000.50'", "10k").replace("2026-12-18", "today+3d")),
            cells(&[("value", "10000"), ("close_date", "2026-11-23")])
        );
        assert_eq!(sets(|text| text.replace("tags: a, b", "tags: [b, 'c']")), cells(&[("tags", "b, c")]));
        assert_eq!(sets(|text| text.replace("'no'", "YES")), cells(&[("budget", "yes")]));
        // Another way to write what is there, comments, another order.
        assert_eq!(sets(|text| text.replace("'12000.50'", "12000.50 # as agreed")), cells(&[]));
        assert_eq!(sets(|text| text.replace("  x\n  y", "  x\n  z")), cells(&[("Odd: one", "x\nz")]));
        // Emptied, by its value or by its line.
        assert_eq!(sets(|text| text.replace(" a, b", "")), cells(&[("tags", "")]));
        assert_eq!(sets(|text| text.replace("tags: a, b\n", "")), cells(&[("tags", "")]));
        for nothing in ["", "\n\n", "# only a comment\n", "---\n"] {
            assert_eq!(edited(|_| nothing.to_owned()), Ok(None), "{nothing:?}");
        }
    }

    #[test]
    fn all_that_is_wrong_has_its_place() {
        let wrong = |edit: fn(String) -> String| edited(edit).unwrap_err();
        assert_eq!(
            wrong(|text| text.replace("2026-12-18", "31.12.26").replace("'12000.50'", "12.000,50€")),
            [
                "f:11:8: value: `12.000,50€` is no amount (write digits with a point, without a currency sign or separators)",
                "f:15:13: close_date: `31.12.26` is no date (write it as 2026-07-14, today, today+3d or today-2w)",
            ]
        );
        assert_eq!(
            wrong(|text| text.replace("'no'", "maybe")),
            ["f:21:9: budget: `maybe` is none of its choices (write one of: unknown, no, yes)"]
        );
        assert_eq!(
            wrong(|text| text.replace("reason:", "reason: prize")),
            ["f:16:9: reason: `prize` is no reason of this process (did you mean `price`?)"]
        );
        assert_eq!(
            wrong(|text| text.replace("owner:", "ownr: x")),
            ["f:9:1: there is no field `ownr` (did you mean `owner`?)"]
        );
        assert_eq!(
            wrong(|text| text + "stage: won\nid: d2\n"),
            [
                "f:27:1: `stage` cannot be set: a stage changes with `pipeline move DEAL STAGE` (-)",
                "f:28:1: `id` cannot be set: an id never changes (-)",
            ]
        );
        assert_eq!(
            wrong(|text| text.replace("region: north", "region:").replace("name: Crane, \"A\"", "name: ''")),
            [
                "f:6:7: a deal has a name (-)",
                "f:23:1: region cannot be emptied: this process requires it (give it another value: region=…)",
            ]
        );
        // A line that is not there has no place of its own: the first stands for it.
        assert_eq!(
            wrong(|text| text.replace("region: north", "")),
            ["f:6:1: region cannot be emptied: this process requires it (give it another value: region=…)"]
        );
        assert_eq!(wrong(|_| "- a\n".to_owned()), ["f:1:1: this is no deal (write lines of `field: value`)"]);
        assert_eq!(
            wrong(|text| text.replace("owner:", "owner: [a]")),
            ["f:9:8: `owner` is one text, not a list (only `tags` may be a list; write a text)"]
        );
        assert_eq!(
            wrong(|text| text.replace("owner:", "owner: \"x"))[0].split(" (").next(),
            Some("f:9:8: a quoted text does not end")
        );
    }

    #[test]
    fn complaints_stand_above_the_lines_and_go_again() {
        let problems = [(2, "no date"), (2, "and\nodd")].map(|(line, message)| {
            let place = crate::problem::Place { line, column: 1, length: 1, excerpt: "".into() };
            Problem::error("f", Some(place), message).help("write\tit")
        });
        let text = "a: b\nc: d\n";
        let marked = with_complaints(text, &problems);
        assert_eq!(marked, "a: b\n# ! no date; write it\n# ! and odd; write it\nc: d\n");
        assert_eq!(without_complaints(&marked), text);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_text_at_all_makes_it_panic(text in "[-\\[\\]{}:,'\"?#&*!|>%@~ \n\r\tanmeowr0潛\u{feff}\u{85}]{0,80}") {
            let _ = edited(|written| written + &text);
            let _ = edited(|_| text);
        }

        /// Whatever a deal holds: who changes nothing sets nothing, and who touches one line sets no other.
        #[test]
        fn what_nobody_touched_stays(cells in prop::array::uniform4("[ -~潛é\n\t\"'#:|>{}\\[\\],&*!%@`\\\\\u{7}\u{a0}\u{feff}-]{0,12}")) {
            let mut deal = DEAL;
            (deal[1], deal[6], deal[8], deal[9]) = (&cells[0], &cells[1], &cells[2], &cells[3]);
            let (text, untouched, touched) = with(deal, |author, record| {
                let text = written(author, record);
                let owned = text.replace("\nowner:\n", "\nowner: ana\n");
                let untouched = read(author, record, "f", &text);
                (text, untouched, read(author, record, "f", &owned))
            });
            prop_assert_eq!(untouched, Ok(Some(Vec::new())), "{}", text);
            prop_assert_eq!(touched, Ok(Some(vec![("owner".to_owned(), "ana".to_owned())])), "{}", text);
        }
    }
}
