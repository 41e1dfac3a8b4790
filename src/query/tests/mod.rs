//! The language as people meet it: what terms find, and how they are written back.

mod laws;
mod page;
mod refused;
mod sample;

use super::*;
use crate::deal::time::parse_day;
use crate::process::StageIndex;
use sample::{Deal, dictionary, process};

const VIEWS: [(&str, &str); 9] = [
    ("hot", "status=open bant=75.."),
    ("mine", "@hot owner=ana"),
    ("either", "owner=ana or owner=ben"),
    ("a", "x @b"),
    ("b", "@c"),
    ("c", "@a"),
    ("bad", "valu=3"),
    ("worse", "acme @bad"),
    ("none", "  "),
];

fn written(text: &str) -> String {
    let process = process(&VIEWS);
    let dictionary = dictionary(&process);
    match parse(&[text], &dictionary) {
        Ok(query) => query.to_string(),
        Err(flaw) => panic!("{}", flaw.render()),
    }
}

fn text(text: &str) -> Value<'static> {
    Value::Text(text.to_owned().into())
}

/// Whether terms find a deal that has this text in this field, and nothing else.
fn finds(terms: &str, field: &str, value: Value<'static>) -> bool {
    let process = process(&VIEWS);
    let dictionary = dictionary(&process);
    let query = parse(&[terms], &dictionary).unwrap_or_else(|flaw| panic!("{}", flaw.render()));
    query.matches(&Deal::with(&dictionary, &[(field, value)]))
}

fn check(field: &str, cases: &[(&str, &[&str], &[&str])]) {
    for (terms, found, missed) in cases {
        for cell in *found {
            assert!(finds(terms, field, text(cell)), "{terms} should find {cell:?}");
        }
        for cell in *missed {
            assert!(!finds(terms, field, text(cell)), "{terms} should not find {cell:?}");
        }
    }
}

#[test]
fn no_terms_find_everything() {
    let process = process(&[]);
    let dictionary = dictionary(&process);
    assert_eq!(parse(&[] as &[&str], &dictionary), Ok(Query::default()));
    let query = parse(&["", " \u{3000} "], &dictionary).unwrap();
    assert!(query.is_everything() && query.fields().is_empty() && query.matches(&Deal::default()));
    assert_eq!(query.to_string(), "");
}

#[test]
fn not_binds_before_and_before_or() {
    for (typed, canonical) in [
        ("a b or c d", r#""a" "b" or "c" "d""#),
        ("a and (b or c)", r#""a" ("b" or "c")"#),
        ("not a b", r#"not "a" "b""#),
        ("NOT (a AND b) Or not not c", r#"not ("a" "b") or not not "c""#),
        ("((a)) (b (c d))", r#""a" "b" "c" "d""#),
        ("a or (b or c)", r#""a" or "b" or "c""#),
        ("not(a)or(b)", r#"not "a" or "b""#),
        ("（a or ＂b＂）", r#"("a" or "b")"#),
    ] {
        let canonical =
            canonical.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or(canonical);
        assert_eq!(written(typed), canonical, "{typed}");
    }
}

#[test]
fn the_forms_of_a_comparison() {
    for (typed, canonical) in [
        ("bant >= 50", "bant>=50"),
        ("BUDGET = yes", "budget=yes"),
        ("bant>= 50", "bant>=50"),
        ("owner =ana", "owner=ana"),
        ("owner=", r#"owner="""#),
        ("owner =", r#"owner="""#),
        ("(owner=)", r#"owner="""#),
        ("owner= stage=won", r#"owner="" stage=won"#),
        ("owner!=,ana", r#"owner!="",ana"#),
        ("owner=ana, ben", "owner=ana,ben"),
        ("owner=*", "owner=*"),
        (r#"owner="*""#, r#"owner="*""#),
        (r#"name="a \"b\" \\ (c), d""#, r#"name="a \"b\" \\ (c), d""#),
        (r#""Deal size"=big"#, r#""Deal size"=big"#),
        ("name=a=b", r#"name="a=b""#),
        ("stage=提案", "stage=proposal"),
        ("stage＝Screening，PROPOSAL", "stage=contact,proposal"),
        ("stage=Needs   analysis acme", r#"stage=needs "acme""#),
        ("stage=first contact..proposal", "stage=contact..proposal"),
        ("reason=no decision,price", r#"reason="no decision",price"#),
        ("value=10k..50k", "value=10000..50000"),
        ("value=1.5m, 12_000", "value=1500000, 12000"),
        ("value=１０ｋ..", "value=10000.."),
        (r#"value="12,000""#, "value=12000"),
        ("probability=0.4,40,5%", "probability=40%,40%,5%"),
        ("age=2w..30", "age=14d..30d"),
        ("close_date=This  Quarter acme", r#"close_date=this quarter "acme""#),
        ("close_date = last month..next year", "close_date=last month..next year"),
        ("close_date=..Today+30D", "close_date=..today+30d"),
        (r#"close_date<"today - 2w""#, "close_date<today-2w"),
        ("status=Open,closed", "status=open,closed"),
        ("@mine acme", r#"status=open bant=75.. owner=ana "acme""#),
        ("@EITHER stage=won", "(owner=ana or owner=ben) stage=won"),
    ] {
        assert_eq!(written(typed), canonical, "{typed}");
        assert_eq!(written(canonical), canonical, "{typed}");
    }
}

#[test]
fn arguments_are_joined_and_may_hold_parts() {
    let process = process(&[]);
    let dictionary = dictionary(&process);
    let joined = |pieces: &[&str]| parse(pieces, &dictionary).map(|query| query.to_string());
    assert_eq!(
        joined(&["(owner=ana", "or", "owner=)", "value", ">", "10k"]).unwrap(),
        r#"(owner=ana or owner="") value>10000"#
    );
    // One argument is unclear where two are not.
    assert_eq!(joined(&["account=Acme", "Ltd"]).unwrap(), r#"account=Acme "Ltd""#);
    assert!(joined(&["account=Acme Ltd"]).is_err());
    let whole = "value=10k.. stage=proposal,negotiation (owner=ana or owner=) close_date=..today+30d";
    assert_eq!(
        joined(&[whole]).unwrap(),
        r#"value=10000.. stage=proposal,negotiation (owner=ana or owner="") close_date=..today+30d"#
    );
}

#[test]
fn a_query_tells_what_it_reads() {
    let process = process(&VIEWS);
    let dictionary = dictionary(&process);
    let query = parse(&["bant=5 or not @mine acme bant>3"], &dictionary).unwrap();
    let names: Vec<&str> = query.fields().iter().map(|at| dictionary.fields[*at].name.as_str()).collect();
    assert_eq!(names, ["id", "name", "account", "owner", "status", "bant"]);
}

#[test]
fn texts_are_compared_without_regard_to_case_and_width() {
    check(
        "owner",
        &[
            ("owner=ana", &["ana", " ANA ", "ａｎａ"], &["", "ana b", "an"]),
            ("owner!=ana", &["", "ben", "  "], &["Ana"]),
            ("owner=ana,ben", &["ana", "ben"], &["chen", ""]),
            ("owner!=ana,ben", &["chen", ""], &["ana", "ben"]),
            ("owner=", &["", " "], &["ana"]),
            ("owner!=", &["ana"], &["", " "]),
            ("owner=*", &["ana"], &["", " "]),
            ("owner!=*", &[""], &["ana"]),
            ("owner=,ana", &["", "ana"], &["ben"]),
            ("owner~NA", &["ana", "Nathan", "ｎａ"], &["", "ben"]),
            ("owner!~na", &["", "ben"], &["ana"]),
            ("owner~an,en", &["ana", "Ben"], &["", "bo"]),
            (r#"owner="a,b (c)""#, &["a,b (c)"], &["a"]),
        ],
    );
}

#[test]
fn words_search_id_name_and_account() {
    for field in ["id", "name", "account"] {
        assert!(finds("acme", field, text("The ACME corp")), "{field}");
    }
    assert!(!finds("acme", "owner", text("acme")));
    assert!(finds(r#""積電""#, "name", text("台積電")));
    assert!(!finds("acme ltd", "name", text("acme")));
}

#[test]
fn numbers_are_compared_as_numbers() {
    check(
        "value",
        &[
            ("value=10k", &["10000", "10000.00", " 10000 "], &["", "1000", "10k?"]),
            ("value=10k..50k", &["10000", "50000", "20000.5"], &["9999.99", "50000.01", ""]),
            ("value=10k..", &["10000", "999999999"], &["9999", ""]),
            ("value=..10k", &["10000", "-5"], &["10001", ""]),
            ("value<10k", &["9999.99"], &["10000", ""]),
            ("value<=10k", &["10000"], &["10000.01"]),
            ("value>10k", &["10000.01"], &["10000"]),
            ("value>=10k", &["10000"], &["9999", "", "ten thousand"]),
            ("value!=10k", &["", "abc", "5"], &["10000"]),
            ("value=*", &["abc", "5"], &[""]),
        ],
    );
    assert!(finds("bant=75..", "bant", Value::Number(75.into())));
    check("probability", &[("probability=40%", &["40%", "0.4", " 40 % "], &["40", "4%", "0.04", ""])]);
    check("probability", &[("probability=40", &["40%", "0.4"], &["40"])]);
    assert!(finds("probability>=40", "probability", Value::Number("0.4".parse().unwrap())));
}

#[test]
fn days_are_whole_days_that_have_passed() {
    for (terms, found, missed) in [
        ("age=30d", vec![30.0, 30.99], vec![29.99, 31.0, f64::NAN]),
        ("age>30d", vec![31.0], vec![30.99, f64::INFINITY]),
        ("age>=30d", vec![30.0], vec![29.9]),
        ("age<=30", vec![30.9, 0.0], vec![31.0]),
        ("age=2w..3w", vec![14.0, 21.5], vec![13.9, 22.0]),
    ] {
        for days in found {
            assert!(finds(terms, "age", Value::Days(days)), "{terms} should find {days}");
        }
        for days in missed {
            assert!(!finds(terms, "age", Value::Days(days)), "{terms} should not find {days}");
        }
    }
}

#[test]
fn dates_are_compared_with_periods() {
    // Today is Tuesday 24 November 2026.
    check(
        "close_date",
        &[
            ("close_date=today", &["2026-11-24", "2026-11-23T23:30:00Z"], &["2026-11-25", "", "soon"]),
            ("close_date=yesterday", &["2026-11-23"], &["2026-11-24"]),
            ("close_date=tomorrow", &["2026-11-25"], &["2026-11-24"]),
            ("close_date=this week", &["2026-11-23", "2026-11-29"], &["2026-11-22", "2026-11-30"]),
            ("close_date=last month", &["2026-10-01", "2026-10-31"], &["2026-11-01"]),
            ("close_date=next quarter", &["2027-01-01", "2027-03-31"], &["2026-12-31", "2027-04-01"]),
            ("close_date=2026-Q3,2026-W01", &["2026-07-01", "2025-12-29"], &["2026-10-01"]),
            ("close_date=90d", &["2026-11-24", "2026-08-27"], &["2026-08-26", "2026-11-25"]),
            ("close_date<2026-11", &["2026-10-31"], &["2026-11-01", ""]),
            ("close_date<=2026-11", &["2026-11-30"], &["2026-12-01"]),
            ("close_date>2026-11", &["2026-12-01"], &["2026-11-30"]),
            ("close_date>=2026-11", &["2026-11-01"], &["2026-10-31"]),
            ("close_date=2026-10..2026-11", &["2026-10-01", "2026-11-30"], &["2026-09-30", "2026-12-01"]),
            ("close_date=..today+30d", &["2026-12-24", "1999-01-01"], &["2026-12-25", ""]),
            ("close_date=today-2w..", &["2026-11-10"], &["2026-11-09"]),
            ("close_date!=2026", &["", "soon", "2027-01-01"], &["2026-01-01"]),
        ],
    );
    assert!(finds("close_date=2026", "close_date", Value::Day(parse_day("2026-05-05").unwrap())));
}

#[test]
fn stages_by_name_order_and_status() {
    check(
        "stage",
        &[
            ("stage=contact", &["contact", "screening"], &["needs", "", "gone"]),
            ("stage!=contact", &["needs", "", "gone"], &["contact", "screening"]),
            ("stage>=proposal", &["proposal", "negotiation"], &["needs", "won", "gone", ""]),
            ("stage>proposal", &["negotiation"], &["proposal"]),
            ("stage<needs", &["screening", "contact"], &["needs", "lost"]),
            ("stage<=needs", &["contact", "needs"], &["proposal"]),
            ("stage=needs..proposal", &["needs", "proposal"], &["contact", "negotiation"]),
            ("stage=..needs,won", &["contact", "needs", "won"], &["proposal", "lost"]),
            ("stage~分析", &["needs"], &["proposal"]),
        ],
    );
    check(
        "status",
        &[("status=won", &["won"], &["lost", "open"]), ("status=closed", &["won", "lost"], &["open", ""])],
    );
    let process = process(&[]);
    for (stage, status) in
        [("contact", "open"), ("won", "won"), ("lost", "lost"), ("disqualified", "disqualified")]
    {
        let index = process.lookup(stage).unwrap();
        for word in ["open", "won", "lost", "disqualified"] {
            assert_eq!(finds(&format!("status={word}"), "status", Value::Stage(index)), word == status);
        }
        assert_eq!(finds("status=closed", "status", Value::Stage(index)), status != "open");
        assert!(finds(&format!("stage={stage}"), "stage", Value::Stage(index)));
    }
    assert!(finds("status=open", "status", Value::Stage(StageIndex::UNKNOWN)));
    assert!(!finds("status=open,closed", "status", Value::Stage(StageIndex::DELETED)));
}

#[test]
fn choices_yes_or_no_and_tags() {
    check(
        "budget",
        &[("budget=YES", &["yes", "Yes"], &["no", "", "maybe"]), ("budget!=yes", &["", "maybe"], &["yes"])],
    );
    check(
        "reason",
        &[
            ("reason=no decision", &["No decision"], &["no", "price"]),
            ("reason~no", &["no budget"], &["price"]),
        ],
    );
    check("renewal", &[("renewal=no", &["no", "No"], &["", "yes", "0"])]);
    check(
        "tags",
        &[
            ("tags=key", &["key", "a KEY", "a,key;b", "a、key"], &["keys", "", "monkey"]),
            ("tags!=key", &["", "keys"], &["a key"]),
            ("tags~ey", &["keys b"], &["", "b"]),
        ],
    );
}
