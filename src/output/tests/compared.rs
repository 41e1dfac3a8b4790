//! Figures beside those of another period, and lists of which a table shows the first.

use super::*;
use crate::metrics::compare::beside;

/// `grouped` beside a year in which ana won fewer, ben was there, and nobody lacked an owner.
fn compared() -> Figures {
    let row = |owner: &str, cells| Row { group: vec![owner.to_owned()], cells };
    let rows = vec![
        row("ana", result(20, 60, "1250.5", 40.0)),
        row("ben", result(9, 10, "500", 20.0)),
        Row::total(result(29, 70, "1111.166", 164.0)),
    ];
    let scope = Scope {
        period: "2016".to_owned(),
        first: day("2016-01-01"),
        last: day("2016-12-31"),
        as_of: Instant::parse("2017-01-01T00:00:00Z").unwrap(),
        as_of_day: day("2016-12-31"),
        ..scope()
    };
    let before = Figures { scope: Some(scope), sections: vec![results(rows, &["owner"])], ..grouped() };
    beside(grouped(), before)
}

#[test]
fn a_figure_stands_beside_that_of_the_other_period() {
    // 40 of 60 less 20 of 60 is between 15.5 and 48.3 points after Newcombe, 45 of 69 less 29 of 70 between 7.2 and 38.6.
    let expected = [
        "2017-01-01 – 2017-12-31 · as of 2017-12-31 · USD",
        "Before 2016-01-01 – 2016-12-31 · as of 2016-12-31",
        "",
        "Conversion",
        "Figure            Owner             Value          Before    Change  Details",
        "Won               ana            40              20             +20",
        "Won               ben                             9",
        "Won               (none)          5",
        "Won               total          45              29             +16",
        "Win rate          ana        66.7 %          33.3 %        +33.3 pp  +15.5 to +48.3 pp",
        "Win rate          ben                        90.0 % (few)",
        "Win rate          (none)     55.6 % (few)",
        "Win rate          total      65.2 %          41.4 %        +23.8 pp  +7.2 to +38.6 pp",
        "Mean deal size    ana      1,000.00        1,250.50 (few)   -250.50",
        "Mean deal size    ben                        500.00 (few)",
        "Mean deal size    (none)   2,000.50 (few)",
        "Mean deal size    total    1,111.17        1,111.17 (few)      0.00",
        "Mean sales cycle  ana        30.2 d          40.0 d (few)    -9.8 d",
        "Mean sales cycle  ben                        20.0 d (few)",
        "Mean sales cycle  (none)  1,234.0 d (few)",
        "Mean sales cycle  total     164.0 d         164.0 d (few)     0.0 d",
    ];
    assert_eq!(drawn(&compared(), Format::Table, &plain()), joined(&expected));
}

#[test]
fn a_narrow_terminal_still_has_a_figure_beside_the_other() {
    let figures = |win_rate, size| Figures {
        sections: vec![results(vec![Row::total(result(40, win_rate, size, 30.25))], &[])],
        ..grouped()
    };
    let table = drawn(&beside(figures(60, "1000"), figures(80, "250000")), Format::Table, &terminal(60));
    // 40 of 60 less 40 of 80 after Newcombe: 0.1 to 31.7 points.
    let expected = [
        "Conversion",
        "Figure         Value      Before       Change  Details",
        "───────────────────────────────────────────────────────",
        "Won               40          40            0",
        "Win rate      66.7 %      50.0 %     +16.7 pp  +0.1 to",
        "                                               +31.7 pp",
        "Mean deal   1,000.00  250,000.00  -249,000.00",
        "size",
        "Mean sales    30.2 d      30.2 d        0.0 d",
        "cycle",
    ];
    assert!(table.ends_with(&joined(&expected)), "{table}");
    // Groups as well find no room: each figure of each group is a block of its own, which says what it is.
    let stacked = drawn(&compared(), Format::Table, &terminal(60));
    let second = ["Figure   Won", "Owner    ben", "Value", "Before   9", "Change", "Details"];
    assert!(stacked.contains(&joined(&second)), "{stacked}");
}

#[test]
fn what_may_be_no_change_is_said_to_be_none() {
    let of = |count, of| Figures {
        sections: vec![Section {
            columns: vec![Column::new("win_rate", Kind::Rate)],
            ..results(vec![Row::total(vec![Cell::Rate(Rate { count, of })])], &[])
        }],
        ..grouped()
    };
    let unclear = beside(of(5, 56), of(0, 29));
    let table = drawn(&unclear, Format::Table, &plain());
    assert!(table.contains("\nWin rate  8.9 %  0.0 % (few)  no clear change\n"), "{table}");
    let chinese = Look { lang: Lang::ZhTw, ..plain() };
    let table = drawn(&unclear, Format::Table, &chinese);
    assert!(table.contains("\n成交率  8.9 %  0.0 % (少)  無明顯變化\n"), "{table}");
    // Newcombe 1998, table II (a).
    let clear = drawn(&beside(of(56, 70), of(48, 80)), Format::Table, &chinese);
    assert!(clear.contains("+20.0 百分點  +5.2 至 +33.4 百分點\n"), "{clear}");
}

#[test]
fn programs_get_both_figures_and_the_change() {
    let json: serde_json::Value = serde_json::from_str(&drawn(&compared(), Format::Json, &plain())).unwrap();
    let before = serde_json::json!({
        "period": {"name": "2016", "first": "2016-01-01", "last": "2016-12-31"},
        "as_of": "2017-01-01T00:00:00.000Z",
        "as_of_day": "2016-12-31",
    });
    assert_eq!(json["before"], before);
    let ana = &json["conversion"]["groups"][0];
    assert_eq!((&ana["won"], &ana["won_before"], &ana["won_change"]), (&40.into(), &20.into(), &20.into()));
    assert_eq!(ana["win_rate_before"]["of"], 60);
    let low = ana["win_rate_change"]["low"].as_f64().unwrap();
    assert!((0.1550..0.1551).contains(&low), "{low}");
    let change = serde_json::json!({"amount": "-250.50", "currency": "USD"});
    assert_eq!((&ana["mean_size_change"], &ana["mean_cycle_change"]), (&change, &serde_json::json!(-9.75)));
    let csv = drawn(&compared(), Format::Csv, &plain());
    let header = "owner,won,won_before,won_change,win_rate,win_rate_count,win_rate_of,win_rate_low,win_rate_high,\
                  win_rate_before,win_rate_before_count,win_rate_before_of,win_rate_before_low,win_rate_before_high,\
                  win_rate_change,win_rate_change_low,win_rate_change_high,mean_size,";
    assert!(csv.starts_with(header), "{csv}");
    assert!(csv.contains("\nben,,9,,,,,,,0.9,9,10,"), "{csv}");
}

#[test]
fn people_are_shown_the_first_of_many_and_programs_all() {
    let row = |stage: &str, deal: usize| {
        Row::total(vec![text(stage), text(&format!("deal-{deal}")), Cell::Count(2)])
    };
    let mut rows: Vec<Row> = (1..=5).map(|deal| row("needs", deal)).collect();
    rows.extend((6..=7).map(|deal| row("proposal", deal)));
    let columns = vec![
        Column::new("stage", Kind::Text),
        Column::new("id", Kind::Text),
        Column::new("touches", Kind::Count),
    ];
    let section = Section { key: "act_on", shape: Shape::Top(2), by: Vec::new(), columns, rows };
    let figures = Figures { sections: vec![section], notes: Vec::new(), ..report() };
    let expected = [
        "Stage     ID          Touches",
        "needs     deal-1            2",
        "needs     deal-2            2",
        "needs     and 3 more",
        "proposal  deal-6            2",
        "proposal  deal-7            2",
    ];
    let table = drawn(&figures, Format::Table, &plain());
    assert!(table.ends_with(&joined(&expected)), "{table}");
    let markdown = drawn(&figures, Format::Markdown, &Look { lang: Lang::ZhTw, ..plain() });
    assert!(markdown.contains("\n| needs | 另有 3 筆 |  |\n"), "{markdown}");
    assert_eq!(drawn(&figures, Format::Csv, &plain()).lines().count(), 8);
    let json: serde_json::Value = serde_json::from_str(&drawn(&figures, Format::Json, &plain())).unwrap();
    assert_eq!(json["act_on"]["total"].as_array().map(Vec::len), Some(7));
}

#[test]
fn a_list_of_deals_is_cut_as_one() {
    let row = |deal: usize| Row::total(vec![text(&format!("deal-{deal}")), text("Scales"), Cell::Count(2)]);
    let columns = vec![
        Column::new("id", Kind::Text),
        Column::new("name", Kind::Text),
        Column::new("pushes", Kind::Count),
    ];
    let rows = (1..=4).map(row).collect();
    let section = Section { key: "pushed_often", shape: Shape::Top(2), by: Vec::new(), columns, rows };
    let figures = Figures { sections: vec![section], notes: Vec::new(), ..report() };
    let expected = [
        "ID      Name        Pushes",
        "deal-1  Scales           2",
        "deal-2  Scales           2",
        "        and 2 more",
    ];
    let table = drawn(&figures, Format::Table, &plain());
    assert!(table.ends_with(&joined(&expected)), "{table}");
    assert_eq!(drawn(&figures, Format::Csv, &plain()).lines().count(), 5);
}
