//! What holds for every expression: it is refused or read, written back as it was read, and obeys the laws of logic.

use proptest::prelude::*;

use super::sample::{Deal, dictionary, process};
use super::*;

fn garbage() -> impl Strategy<Value = String> {
    let pieces = [
        "(",
        ")",
        "\"",
        "\\",
        ",",
        "=",
        "!",
        "!=",
        "<",
        ">=",
        "~",
        "..",
        "*",
        "@",
        "@mine",
        " ",
        " ",
        "and ",
        "or ",
        "not ",
        "owner",
        "stage",
        "value",
        "close_date",
        "age",
        "probability",
        "tags",
        "Deal size",
        "status",
        "reason",
        "10k",
        "12",
        "000",
        "-",
        "5%",
        "30d",
        "2w",
        "this week",
        "today+3d",
        "2026-Q3",
        "open",
        "won",
        "proposal",
        "needs analysis",
        "no decision",
        "acme",
        "潛在",
        "（",
        "＝",
        "，",
        "\u{3000}",
        "\t",
        "\u{0}",
        "İ",
        "ß",
        "🙂",
        "\"a b\"",
        ":",
        "EUR",
    ];
    let piece = prop_oneof![
        9 => proptest::sample::select(pieces.to_vec()).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    proptest::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

/// Sound expressions, of every kind of term.
fn sound() -> impl Strategy<Value = String> {
    let terms = [
        "acme",
        "\"a b\"",
        "owner=ana",
        "owner=",
        "owner!=,ana",
        "owner=*",
        "owner~a",
        "owner!~A",
        "stage=proposal,won",
        "stage>=needs",
        "stage=contact..needs",
        "stage!=needs analysis",
        "status=open",
        "status!=closed",
        "value=10k..",
        "value<5k",
        "value!=1, 2",
        "bant=..50",
        "bant>=50",
        "probability=20%..60%",
        "close_date=this quarter",
        "close_date<today",
        "close_date=..today+30d",
        "close_date!=90d",
        "age=30d..",
        "age=2w",
        "reason=no decision",
        "budget!=yes",
        "renewal=no",
        "tags=key",
        "tags!~k",
        "\"Deal size\"=big",
        "@mine",
        "@either",
    ];
    let term = proptest::sample::select(terms.to_vec()).prop_map(str::to_owned);
    term.prop_recursive(5, 40, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} and {b}")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} or {b}")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) {b}")),
            inner.clone().prop_map(|a| format!("not {a}")),
            inner.prop_map(|a| format!("({a})")),
        ]
    })
}

fn cell() -> impl Strategy<Value = Value<'static>> {
    let texts = [
        "",
        " ",
        "ana",
        "Acme",
        "a b",
        "proposal",
        "won",
        "contact",
        "open",
        "10000",
        "50",
        "1",
        "0.4",
        "40%",
        "2026-11-24",
        "2026-12-01",
        "soon",
        "30",
        "no decision",
        "yes",
        "no",
        "key, k",
        "big",
        "潛在",
    ];
    prop_oneof![
        6 => proptest::sample::select(texts.to_vec()).prop_map(text),
        1 => Just(Value::Empty),
        1 => (0..7usize).prop_map(|at| Value::Stage(process(&[]).lookup(["contact", "needs", "proposal", "negotiation", "won", "lost", "disqualified"][at]).unwrap())),
        1 => (0..100i64).prop_map(|number| Value::Number(number.into())),
        1 => (0.0..60.0).prop_map(Value::Days),
    ]
}

fn deal() -> impl Strategy<Value = Deal> {
    proptest::collection::btree_map(0..16usize, cell(), 0..16).prop_map(Deal)
}

proptest! {
    #[test]
    fn garbage_is_refused_with_a_place_or_read_as_it_is_written(text in garbage()) {
        let process = process(&VIEWS);
        let dictionary = dictionary(&process);
        match parse(&[&text], &dictionary) {
            Ok(query) => {
                let again = parse(&[query.to_string()], &dictionary);
                prop_assert_eq!(again.map_err(|flaw| flaw.render()), Ok(query));
            }
            Err(flaw) => {
                prop_assert!(flaw.text.get(flaw.start..flaw.end).is_some(), "{:?}", flaw);
                prop_assert!(flaw.render().lines().count() >= 3);
            }
        }
    }

    #[test]
    fn a_query_is_read_as_it_is_written(text in sound()) {
        let process = process(&VIEWS);
        let dictionary = dictionary(&process);
        let query = parse(&[&text], &dictionary).map_err(|flaw| flaw.render()).unwrap();
        let again = parse(&[query.to_string()], &dictionary).map_err(|flaw| flaw.render()).unwrap();
        prop_assert_eq!(&again, &query);
        prop_assert_eq!(again.to_string(), query.to_string());
    }

    #[test]
    fn the_laws_of_logic_hold((a, b, deal) in (sound(), sound(), deal())) {
        let process = process(&VIEWS);
        let dictionary = dictionary(&process);
        let holds = |text: String| {
            parse(&[&text], &dictionary).map_err(|flaw| flaw.render()).unwrap().matches(&deal)
        };
        prop_assert_eq!(holds(format!("not (({a}) or ({b}))")), holds(format!("not ({a}) not ({b})")));
        prop_assert_eq!(holds(format!("not (({a}) ({b}))")), holds(format!("not ({a}) or not ({b})")));
        prop_assert_eq!(holds(format!("not not ({a})")), holds(a.clone()));
        let excluded_middle = holds(format!("({a}) or not ({a})"));
        prop_assert!(excluded_middle);
        prop_assert_eq!(holds(format!("({a}) and ({b})")), holds(a) && holds(b));
    }
}
