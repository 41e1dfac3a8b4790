//! What each format makes of small figures, to the letter; and what no text may do to a table.

mod compared;

use proptest::prelude::*;

use super::escape::is_hostile;
use super::*;
use crate::deal::money::Currency;
use crate::deal::time::{Day, Instant, parse_day};
use crate::metrics::figures::{Cell, Column, Kind, Rate, Row, Scope, Shape};
use crate::process::{Lang, Words};

fn day(text: &str) -> Day {
    parse_day(text).unwrap()
}

fn usd() -> Currency {
    Currency::named("USD").unwrap()
}

fn money(amount: &str, n: u64) -> Cell {
    Cell::Money { amount: Some(amount.parse().unwrap()), currency: usd(), n: Some(n) }
}

fn amount(text: &str) -> Cell {
    Cell::Money { amount: Some(text.parse().unwrap()), currency: usd(), n: None }
}

fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

fn scope() -> Scope {
    Scope {
        period: "2017".to_owned(),
        first: day("2017-01-01"),
        last: day("2017-12-31"),
        as_of: Instant::parse("2018-01-01T00:00:00Z").unwrap(),
        as_of_day: day("2017-12-31"),
        currency: usd(),
        before: None,
    }
}

fn note() -> Note {
    Note { code: "no_history", text: Words::plain("2 deals have no history"), deals: Some(2) }
}

fn results(rows: Vec<Row>, by: &[&str]) -> Section {
    Section {
        key: "conversion",
        shape: Shape::Record,
        by: by.iter().map(|key| (*key).to_owned()).collect(),
        columns: vec![
            Column::new("won", Kind::Count),
            Column::new("win_rate", Kind::Rate),
            Column::new("mean_size", Kind::Money),
            Column::new("mean_cycle", Kind::Days),
        ],
        rows,
    }
}

fn result(won: u64, closed: u64, size: &str, days: f64) -> Vec<Cell> {
    vec![
        Cell::Count(won),
        Cell::Rate(Rate { count: won, of: closed }),
        money(size, won),
        Cell::Days { days: Some(days), n: Some(won) },
    ]
}

fn funnel() -> Section {
    Section {
        key: "funnel",
        shape: Shape::List,
        by: Vec::new(),
        columns: vec![
            Column::new("stage", Kind::Text),
            Column::new("reached", Kind::Count),
            Column::new("rate_so_far", Kind::Rate),
        ],
        rows: vec![
            Row::total(vec![
                text("qualification"),
                Cell::Count(8800),
                Cell::Rate(Rate { count: 6000, of: 8800 }),
            ]),
            Row::total(vec![text("closing"), Cell::Count(12), Cell::Rate(Rate { count: 3, of: 12 })]),
            Row::total(vec![text("won"), Cell::Count(0), Cell::Rate(Rate { count: 0, of: 0 })]),
        ],
    }
}

/// A report over all deals.
fn report() -> Figures {
    let total = Row::total(result(4238, 6711, "2360.9065", 51.7785));
    Figures {
        name: "conversion",
        scope: Some(scope()),
        sections: vec![results(vec![total], &[]), funnel()],
        notes: vec![note()],
    }
}

/// A report by owner.
fn grouped() -> Figures {
    let row = |owner: &str, cells| Row { group: vec![owner.to_owned()], cells };
    let rows = vec![
        row("ana", result(40, 60, "1000", 30.25)),
        row("", result(5, 9, "2000.5", 1234.0)),
        Row::total(result(45, 69, "1111.166", 164.0)),
    ];
    Figures {
        name: "conversion",
        scope: Some(scope()),
        sections: vec![results(rows, &["owner"])],
        notes: Vec::new(),
    }
}

/// A listing of deals.
fn listing() -> Figures {
    let columns = vec![
        Column::new("id", Kind::Text),
        Column::new("name", Kind::Text),
        Column::new("value", Kind::Amount),
        Column::new("currency", Kind::Text),
        Column::new("age", Kind::Age),
        Column::new("close_date", Kind::Date),
        Column::new("budget".to_owned(), Kind::Flag),
    ];
    let rows = vec![
        Row::total(vec![
            text("deal-1"),
            text("潛在客戶公司"),
            amount("12000"),
            text("USD"),
            Cell::Days { days: Some(3.5), n: None },
            Cell::Date(day("2026-07-14")),
            Cell::Flag(true),
        ]),
        Row::total(vec![
            text("deal-22"),
            text("=Globex|\n\"Corp\""),
            Cell::Empty,
            text("USD"),
            Cell::Days { days: None, n: None },
            Cell::Moment { at: Instant::parse("2026-02-11T09:30:00.125Z").unwrap(), day: day("2026-02-11") },
            Cell::Flag(false),
        ]),
    ];
    let section = Section::list("deals", columns, rows);
    Figures::of("list", [section])
}

fn plain() -> Look {
    Look::default()
}

fn terminal(width: usize) -> Look {
    Look { width: Some(width), terminal: true, ..Look::default() }
}

fn drawn(figures: &Figures, format: Format, look: &Look) -> String {
    let mut out = Vec::new();
    let _ = render(figures, format, look, None, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// Texts of several lines, written where they are expected.
fn joined(lines: &[&str]) -> String {
    lines.join("\n") + "\n"
}

const TWO_SECTIONS: &[&str] = &[
    "2017-01-01 – 2017-12-31 · as of 2017-12-31 · USD",
    "",
    "Conversion",
    "Won                  4,238",
    "Win rate            63.2 %  4,238 of 6,711 · 62.0–64.3 %",
    "Mean deal size    2,360.91  n = 4,238",
    "Mean sales cycle    51.8 d  n = 4,238",
    "",
    "Funnel",
    "Stage          Reached   Rate so far",
    "qualification    8,800  68.2 %",
    "closing             12  25.0 % (few)",
    "won                  0       –",
];

#[test]
fn a_piped_table_is_plain() {
    assert_eq!(drawn(&report(), Format::Table, &plain()), joined(TWO_SECTIONS));
    // However narrow the terminal that it does not go to.
    let narrow = Look { width: Some(20), ..plain() };
    assert_eq!(drawn(&report(), Format::Table, &narrow), joined(TWO_SECTIONS));
}

#[test]
fn a_table_on_a_terminal_is_ruled() {
    let mut ruled = TWO_SECTIONS.to_vec();
    ruled.insert(10, "────────────────────────────────────");
    for width in [60, 80, 120] {
        assert_eq!(drawn(&report(), Format::Table, &terminal(width)), joined(&ruled));
    }
}

#[test]
fn a_terminal_without_unicode_gets_ascii() {
    let look = Look { unicode: false, ..terminal(80) };
    let table = drawn(&report(), Format::Table, &look);
    assert!(table.is_ascii(), "{table}");
    assert!(table.starts_with("2017-01-01 - 2017-12-31, as of 2017-12-31, USD\n"), "{table}");
    assert!(table.contains("\n------------------------------------\n"), "{table}");
}

#[test]
fn groups_stand_over_their_total() {
    let expected = [
        "2017-01-01 – 2017-12-31 · as of 2017-12-31 · USD",
        "",
        "Conversion",
        "Owner   Won      Win rate  Mean deal size  Mean sales cycle",
        "ana      40  66.7 %        1,000.00            30.2 d",
        "(none)    5  55.6 % (few)  2,000.50 (few)   1,234.0 d (few)",
        "total    45  65.2 %        1,111.17           164.0 d",
    ];
    assert_eq!(drawn(&grouped(), Format::Table, &plain()), joined(&expected));
}

#[test]
fn headings_speak_chinese_and_line_up() {
    let look = Look { lang: Lang::ZhTw, ..plain() };
    let expected = [
        "2017-01-01 – 2017-12-31 · 截至 2017-12-31 · USD",
        "",
        "轉換",
        "負責人  成交       成交率   平均成交金額     平均銷售週期",
        "ana       40  66.7 %       1,000.00          30.2 天",
        "(無)       5  55.6 % (少)  2,000.50 (少)  1,234.0 天 (少)",
        "合計      45  65.2 %       1,111.17         164.0 天",
    ];
    assert_eq!(drawn(&grouped(), Format::Table, &look), joined(&expected));
}

#[test]
fn a_listing_gives_way_to_a_narrow_terminal() {
    let wide = [
        "ID       Name                 Value  Currency    Age  Close date  Budget",
        "────────────────────────────────────────────────────────────────────────",
        "deal-1   潛在客戶公司     12,000.00  USD       3.5 d  2026-07-14  yes",
        "deal-22  =Globex|⏎\"Corp\"             USD           –  2026-02-11  no",
    ];
    assert_eq!(drawn(&listing(), Format::Table, &terminal(72)), joined(&wide));
    let narrow = [
        "ID       Name         Value  Curre…    Age  Close date  Bud…",
        "────────────────────────────────────────────────────────────",
        "deal-1   潛在客…  12,000.00  USD     3.5 d  2026-07-14  yes",
        "deal-22  =Globe…             USD         –  2026-02-11  no",
    ];
    assert_eq!(drawn(&listing(), Format::Table, &terminal(60)), joined(&narrow));
    let stacked = drawn(&listing(), Format::Table, &terminal(20));
    let first = [
        "ID          deal-1",
        "Name",
        "  潛在客戶公司",
        "Value",
        "  12,000.00",
        "Currency    USD",
        "Age         3.5 d",
    ];
    assert!(stacked.starts_with(&joined(&first)), "{stacked}");
}

#[test]
fn colour_is_only_where_it_may_be() {
    let color = Look { color: true, ..terminal(80) };
    assert!(drawn(&report(), Format::Table, &color).contains("\x1b[1mConversion\x1b[0m\n"));
    assert!(!drawn(&report(), Format::Table, &terminal(80)).contains('\x1b'));
    assert!(!drawn(&report(), Format::Json, &color).contains('\x1b'));
}

#[test]
fn markdown_is_tables_under_headings_and_notes_under_them() {
    let expected = [
        "2017-01-01 – 2017-12-31 · as of 2017-12-31 · USD",
        "",
        "## Conversion",
        "",
        "| Figure | Value | Details |",
        "| --- | ---: | --- |",
        "| Won | 4,238 |  |",
        "| Win rate | 63.2 % | 4,238 of 6,711 · 62.0–64.3 % |",
        "| Mean deal size | 2,360.91 | n = 4,238 |",
        "| Mean sales cycle | 51.8 d | n = 4,238 |",
        "",
        "## Funnel",
        "",
        "| Stage | Reached | Rate so far |",
        "| --- | ---: | ---: |",
        "| qualification | 8,800 | 68.2 % |",
        "| closing | 12 | 25.0 % (few) |",
        "| won | 0 | – |",
        "",
        "- 2 deals have no history",
    ];
    assert_eq!(drawn(&report(), Format::Markdown, &plain()), joined(&expected));
    let listing = drawn(&listing(), Format::Markdown, &plain());
    assert!(
        listing.contains("\n| deal-22 | =Globex\\|⏎\"Corp\" |  | USD | – | 2026-02-11 | no |\n"),
        "{listing}"
    );
}

#[test]
fn csv_is_one_rectangle_at_full_precision() {
    let expected = [
        "owner,won,win_rate,win_rate_count,win_rate_of,win_rate_low,win_rate_high,mean_size,mean_size_n,mean_cycle,mean_cycle_n",
        "ana,40,0.6666666666666666,40,60,0.5405686645211968,0.7727073847647731,1000.00,40,30.25,40",
        ",5,0.5555555555555556,5,9,0.2666512934954931,0.8112214789023354,2000.50,5,1234,5",
        "total,45,0.6521739130434783,45,69,0.5344787754895757,0.7538185807137565,1111.17,45,164,45",
    ];
    assert_eq!(drawn(&grouped(), Format::Csv, &plain()), joined(&expected));
    let expected = [
        "id,name,value,currency,age,close_date,budget",
        "deal-1,潛在客戶公司,12000.00,USD,3.5,2026-07-14,yes",
        "deal-22,\"'=Globex|",
        "\"\"Corp\"\"\",,USD,,2026-02-11T09:30:00.125Z,no",
    ];
    assert_eq!(drawn(&listing(), Format::Csv, &plain()), joined(&expected));
}

#[test]
fn tsv_is_one_line_a_row() {
    let expected = [
        "id\tname\tvalue\tcurrency\tage\tclose_date\tbudget",
        "deal-1\t潛在客戶公司\t12000.00\tUSD\t3.5\t2026-07-14\tyes",
        "deal-22\t=Globex|\\n\"Corp\"\t\tUSD\t\t2026-02-11T09:30:00.125Z\tno",
    ];
    assert_eq!(drawn(&listing(), Format::Tsv, &plain()), joined(&expected));
}

#[test]
fn the_section_asked_for_is_written_and_the_others_are_told() {
    let figures = report();
    let mut out = Vec::new();
    let left = render(&figures, Format::Csv, &plain(), None, &mut out).unwrap();
    assert_eq!((left.sections.as_slice(), left.notes), (["funnel"].as_slice(), figures.notes.as_slice()));

    out.clear();
    let left = render(&figures, Format::Csv, &plain(), Some("funnel"), &mut out).unwrap();
    assert_eq!(left.sections, Vec::<&str>::new());
    let header =
        "stage,reached,rate_so_far,rate_so_far_count,rate_so_far_of,rate_so_far_low,rate_so_far_high\n";
    let text = String::from_utf8(out).unwrap();
    assert!(text.starts_with(header) && text.ends_with("won,0,,0,0,,\n"), "{text}");

    for (format, notes) in [(Format::Json, 0), (Format::Markdown, 0), (Format::Table, 1)] {
        let left = render(&figures, format, &plain(), None, &mut Vec::new()).unwrap();
        assert_eq!((left.sections.len(), left.notes.len()), (0, notes), "{format:?}");
    }

    let error = render(&figures, Format::Csv, &plain(), Some("size"), &mut Vec::new()).unwrap_err();
    assert_eq!((error.exit_code(), error.hints()), (2, vec!["its sections: conversion, funnel"]));
}

#[test]
fn json_of_a_report_says_what_it_is_about() {
    let json: serde_json::Value = serde_json::from_str(&drawn(&report(), Format::Json, &plain())).unwrap();
    let interval = Rate { count: 4238, of: 6711 }.interval().unwrap();
    let few = Rate { count: 3, of: 12 }.interval().unwrap();
    let most = Rate { count: 6000, of: 8800 };
    let expected = serde_json::json!({
        "report": "conversion",
        "period": {"name": "2017", "first": "2017-01-01", "last": "2017-12-31"},
        "as_of": "2018-01-01T00:00:00.000Z",
        "as_of_day": "2017-12-31",
        "currency": "USD",
        "conversion": {
            "by": [],
            "total": {
                "won": 4238,
                "win_rate": {"value": 4238.0 / 6711.0, "count": 4238, "of": 6711, "low": interval.low, "high": interval.high},
                "mean_size": {"amount": "2360.91", "currency": "USD", "n": 4238},
                "mean_cycle": {"days": 51.7785, "n": 4238},
            },
            "groups": [],
        },
        "funnel": {
            "by": [],
            "total": [
                {"stage": "qualification", "reached": 8800, "rate_so_far": {
                    "value": 6000.0 / 8800.0, "count": 6000, "of": 8800,
                    "low": most.interval().unwrap().low, "high": most.interval().unwrap().high,
                }},
                {"stage": "closing", "reached": 12, "rate_so_far": {
                    "value": 0.25, "count": 3, "of": 12, "low": few.low, "high": few.high,
                }},
                {"stage": "won", "reached": 0, "rate_so_far": {
                    "value": null, "count": 0, "of": 0, "low": null, "high": null,
                }},
            ],
            "groups": [],
        },
        "notes": [{"code": "no_history", "text": "2 deals have no history", "deals": 2}],
    });
    assert_eq!(json, expected);
}

#[test]
fn json_of_groups_is_flat() {
    let json: serde_json::Value = serde_json::from_str(&drawn(&grouped(), Format::Json, &plain())).unwrap();
    let section = &json["conversion"];
    assert_eq!(section["by"], serde_json::json!(["owner"]));
    assert_eq!(section["total"]["won"], 45);
    assert_eq!(section["total"].get("owner"), None);
    let owners: Vec<_> = section["groups"].as_array().unwrap().iter().map(|group| &group["owner"]).collect();
    assert_eq!(owners, ["ana", ""]);
    assert_eq!(section["groups"][0].as_object().unwrap().keys().next().unwrap(), "owner");
}

#[test]
fn json_of_a_listing_is_its_array() {
    let expected = [
        "[",
        "  {",
        "    \"id\": \"deal-1\",",
        "    \"name\": \"潛在客戶公司\",",
        "    \"value\": \"12000.00\",",
        "    \"currency\": \"USD\",",
        "    \"age\": 3.5,",
        "    \"close_date\": \"2026-07-14\",",
        "    \"budget\": true",
        "  },",
        "  {",
        "    \"id\": \"deal-22\",",
        "    \"name\": \"=Globex|\\n\\\"Corp\\\"\",",
        "    \"value\": null,",
        "    \"currency\": \"USD\",",
        "    \"age\": null,",
        "    \"close_date\": \"2026-02-11T09:30:00.125Z\",",
        "    \"budget\": false",
        "  }",
        "]",
    ];
    assert_eq!(drawn(&listing(), Format::Json, &plain()), joined(&expected));
    let mut empty = listing();
    empty.sections[0].rows.clear();
    assert_eq!(drawn(&empty, Format::Json, &plain()), "[]\n");
}

#[test]
fn several_tables_of_a_listing_are_an_object() {
    let mut figures = listing();
    figures.sections.push(Section { key: "history", rows: Vec::new(), ..figures.sections[0].clone() });
    let json: serde_json::Value = serde_json::from_str(&drawn(&figures, Format::Json, &plain())).unwrap();
    assert_eq!((json["deals"].as_array().map(Vec::len), &json["history"]), (Some(2), &serde_json::json!([])));
    assert!(
        drawn(&figures, Format::Table, &plain()).starts_with("Deals\nID  "),
        "several tables have titles"
    );
}

#[test]
fn a_json_line_is_a_row() {
    let lines = drawn(&grouped(), Format::Jsonl, &plain());
    let rows: Vec<serde_json::Value> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows.len(), 3);
    assert_eq!((&rows[0]["owner"], &rows[0]["won"]), (&serde_json::json!("ana"), &serde_json::json!(40)));
    assert_eq!((&rows[2]["owner"], &rows[2]["won"]), (&serde_json::Value::Null, &serde_json::json!(45)));
    assert_eq!(
        rows[0].as_object().unwrap().get("owner").is_some(),
        rows[2].as_object().unwrap().contains_key("owner")
    );
    let ungrouped = drawn(&report(), Format::Jsonl, &plain());
    assert!(ungrouped.starts_with("{\"won\":4238,"), "{ungrouped}");
}

#[test]
fn a_group_that_is_a_column_too_keeps_its_own_key() {
    let mut figures = report();
    let section = &mut figures.sections[1];
    section.by = vec!["stage".to_owned()];
    section.rows[0].group = vec!["won".to_owned()];
    let mut out = Vec::new();
    let _ = render(&figures, Format::Csv, &plain(), Some("funnel"), &mut out).unwrap();
    assert!(String::from_utf8(out).unwrap().starts_with("by_stage,stage,reached,"));
}

/// Every format that figures can be had in.
fn tables() -> impl Iterator<Item = Format> {
    <Format as clap::ValueEnum>::value_variants().iter().copied().filter(|format| *format != Format::Ics)
}

#[test]
fn figures_are_no_calendar() {
    let error = render(&report(), Format::Ics, &plain(), None, &mut Vec::new()).unwrap_err();
    assert_eq!((error.exit_code(), error.hints()), (2, vec!["pipeline agenda -f ics"]));
}

#[test]
fn a_closed_pipe_is_known_as_one() {
    struct Closed;
    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    for format in tables() {
        let error = render(&report(), format, &plain(), None, &mut Closed).unwrap_err();
        assert!(error.is_closed_pipe(), "{format:?}: {error}");
    }
}

#[test]
fn figures_without_sections_are_no_panic() {
    let empty = Figures::of("list", []);
    for format in tables() {
        drawn(&empty, format, &terminal(20));
    }
}

/// A table of any texts, beside figures that cannot give way.
fn any_listing(names: Vec<String>, heading: String) -> Figures {
    let columns = vec![
        Column::new("id", Kind::Text),
        Column::new("name", Kind::Text),
        Column::new("value", Kind::Amount),
        Column::new(heading, Kind::Text),
    ];
    let row = |(index, name): (usize, String)| {
        let id = text(&format!("deal-{index}"));
        Row::total(vec![id, text(&name), amount("999999999999999"), text(&name)])
    };
    let rows: Vec<Row> = names.into_iter().enumerate().map(row).collect();
    let shape = if rows.len() == 1 { Shape::Record } else { Shape::List };
    let section = Section { key: "deals", shape, by: Vec::new(), columns, rows };
    Figures::of("list", [section])
}

/// Texts with everything that makes a terminal's life hard.
fn any_text() -> impl Strategy<Value = String> {
    let hard = [
        "潛",
        "在",
        "e\u{301}",
        "👩\u{200d}🚀",
        "\u{fe0f}",
        "\u{202e}",
        "\x1b[2J",
        "\u{9b}",
        "\t",
        "\n",
        "\0",
        " ",
        "word",
    ];
    let piece = prop_oneof![
        prop::sample::select(hard.to_vec()).prop_map(str::to_owned),
        "\\PC{0,4}",
        any::<String>()
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_line_is_wider_than_the_terminal(
        names in prop::collection::vec(any_text(), 0..4),
        heading in any_text(),
        columns in 20usize..=200,
        unicode: bool,
    ) {
        let look = Look { unicode, ..terminal(columns) };
        let table = drawn(&any_listing(names, heading), Format::Table, &look);
        for line in table.lines() {
            prop_assert!(width::width(line) <= columns, "{} > {columns}: {line:?}", width::width(line));
        }
        prop_assert!(table.chars().all(|c| c == '\n' || !is_hostile(c)), "{table:?}");
    }

    #[test]
    fn plain_tables_and_markdown_hold_no_control_character(names in prop::collection::vec(any_text(), 0..4), heading in any_text()) {
        let figures = any_listing(names, heading);
        for format in [Format::Table, Format::Markdown] {
            let table = drawn(&figures, format, &plain());
            prop_assert!(table.chars().all(|c| c == '\n' || !is_hostile(c)), "{table:?}");
        }
    }

    #[test]
    fn machines_read_back_what_was_written(names in prop::collection::vec(any_text(), 2..4)) {
        let figures = any_listing(names.clone(), "note".to_owned());
        let json: serde_json::Value = serde_json::from_str(&drawn(&figures, Format::Json, &plain())).unwrap();
        let tsv = drawn(&figures, Format::Tsv, &plain());
        let csv_text = drawn(&figures, Format::Csv, &plain());
        let records: Vec<csv::StringRecord> =
            csv::Reader::from_reader(csv_text.as_bytes()).records().collect::<Result<_, _>>().unwrap();
        prop_assert_eq!(tsv.split('\n').count(), names.len() + 2);
        prop_assert_eq!(records.len(), names.len());
        for (index, name) in names.iter().enumerate() {
            prop_assert_eq!(json[index]["name"].as_str(), Some(name.as_str()));
            let cell = &records[index][1];
            prop_assert!(cell == name || cell.strip_prefix('\'') == Some(name), "{cell:?} of {name:?}");
        }
    }
}
