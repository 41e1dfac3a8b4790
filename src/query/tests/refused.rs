//! What is said about wrong terms: the words, the place and the help, to the letter.

use super::*;

fn flaw(text: &str) -> Flaw {
    let process = process(&VIEWS);
    parse(&[text], &dictionary(&process)).expect_err(text)
}

#[test]
fn wrong_terms_say_what_to_write() {
    let fields = "the fields are id, name, account, owner, stage, status, value, bant, probability, close_date, age, \
                  reason, budget, renewal, tags, Deal size";
    let stages = "the stages are contact, needs, proposal, negotiation, won, lost, disqualified";
    let amount = "value is an amount: 12000, 10k, 1.5m, a range such as 10k..50k; * is any, nothing is none";
    let date = "close_date is a date: today, today+30d, today-2w, next month, 2026, 2026-Q3, 2026-07, 2026-W31, \
                2026-07-14, 2026-07-01..2026-09-30, 90d, this month, last quarter";
    // One case to a line, however long, as in a table.
    #[rustfmt::skip]
    let cases: &[(&str, &str, &str, &str)] = &[
        ("valu=10k", "valu", "there is no field `valu`", &format!("did you mean `value`? {fields}")),
        ("foo = 1", "foo", "there is no field `foo`", fields),
        ("owner:ana", "owner:ana", "`owner:ana` is a search, not a comparison", "write owner=ana to compare, or \"owner:ana\" to search for it"),
        ("value=abc", "abc", "`abc` is not an amount", amount),
        ("value=1k..x", "x", "`x` is not an amount", amount),
        ("bant=abc", "abc", "`abc` is not a number", "bant is a number: 50, 2.5, 10k, a range such as 10..50; * is any, nothing is none"),
        ("probability=high", "high", "`high` is not a percentage", "probability is a percentage: 40%, 0.4, a range such as 20%..60%; * is any, nothing is none"),
        ("value=12,000", "12,000", "`12,000` may be one number or a list of two", "write 12000 for one number, or `12, 000` with a space for either of two"),
        ("value=10k EUR", "EUR", "an amount is compared without its currency `EUR`", "write value=10k currency=EUR"),
        ("value=50k..10k", "50k..10k", "the range runs backwards: 50000 comes after 10000", "write value=10000..50000"),
        ("value=..", "..", "a range needs at least one end", "write value=* for any value"),
        ("value>10k..", "10k..", "`>` takes one value, not a range", "write value=10k.."),
        ("value>=1,2", "1,2", "`>=` takes one value", "list values after `=`, such as value=1,2"),
        ("bant>=", ">=", "`>=` needs a value after it", "bant is a number: 50, 2.5, 10k, a range such as 10..50; * is any, nothing is none"),
        ("bant~5", "~", "`~` looks inside texts, and bant is a number", "use =, !=, <, <=, > or >= with bant"),
        ("owner>5", ">", "`>` compares numbers, dates and stages, and owner is a text", "use =, !=, ~ or !~ with owner"),
        ("close_date=soon", "soon", "`soon` is not a date", date),
        ("close_date=today+", "today+", "`today+` is not a date", date),
        ("close_date=todayd", "todayd", "`todayd` is not a date", date),
        ("close_date=today+潛", "today+潛", "`today+潛` is not a date", date),
        ("close_date=2026-13", "2026-13", "`2026-13` is not a date", date),
        ("close_date=..30d", "30d", "`30d` does not say which way from today", "write today-30d or today+30d"),
        ("close_date=2026-12..2026-01", "2026-12..2026-01", "the range runs backwards: 2026-12 comes after 2026-01", "write close_date=2026-01..2026-12"),
        ("age=3m", "3m", "`3m` does not say how long a month is", "write days or weeks: 90d or 12w"),
        ("age=1y", "1y", "`1y` does not say how long a year is", "write days or weeks: 365d or 52w"),
        ("age=old", "old", "`old` is not a number of days", "age is a number of days: 30d, 2w, a range such as 30d..; * is any, nothing is none"),
        ("stage=propsal", "propsal", "there is no stage `propsal`", &format!("did you mean `proposal`? {stages}")),
        ("stage=提按", "提按", "there is no stage `提按`", stages),
        ("stage=open", "open", "there is no stage `open`", "write status=open"),
        ("stage~xyz", "xyz", "no stage has `xyz` in its name", stages),
        ("stage>=won", "won", "`won` ends a deal and has no place in the order", "compare with an open stage, or write stage=won or status=won"),
        ("status=proposal", "proposal", "there is no status `proposal`", "write stage=proposal"),
        ("status=wonn", "wonn", "there is no status `wonn`", "did you mean `won`? it is one of open, won, lost, disqualified, closed"),
        ("budget=maybe", "maybe", "budget is never `maybe`", "it is one of unknown, no, yes"),
        ("renewal=true", "true", "renewal is never `true`", "it is one of yes, no"),
        ("tags=\"a b\"", "\"a b\"", "`a b` is not one tag", "write each tag by itself, such as tags=key,2026 or tags=key tags=2026"),
        ("name=acme*", "acme*", "a star stands only alone, for any value", "write name~acme for a part of the text, or \"acme*\" for the text itself"),
        ("account=Acme Big Ltd owner=x", "Acme Big Ltd", "`Big Ltd` may belong to `Acme` or be a search", "write account=\"Acme Big Ltd\" for one text (in a shell: 'account=\"Acme Big Ltd\"'), or `and` before `Big Ltd` for both"),
        ("owner= ana", "ana", "`ana` may be the value of owner or a search of its own", "write owner=ana for the value, or owner=\"\" and ana for both"),
        ("owner = and x", "and", "the value of owner is missing before `and`", "write owner=\"and\" for the text, or owner=\"\" for none"),
        ("owner=ana,", ",", "a value is missing after this comma", "leave the comma out, or write \"\" for none"),
        ("stage=won, owner=ana", "owner=ana", "the comma makes this a value of stage", "leave the comma out: terms need only a space between them"),
        ("owner==ana", "==", "`==` is no operator", "write =; a value that starts with a sign goes in quotes"),
        ("name =~ x", "=~", "`=~` is no operator", "write ~; a value that starts with a sign goes in quotes"),
        ("=x", "=", "`=` needs a field before it", "write the field first, such as owner=ana; put text in quotes to search for it"),
        ("!acme", "!", "`!` is written `not` here", "write not before the term"),
        ("a && b", "&&", "`&&` is written `and` here, or left out", ""),
        ("a || b", "||", "`||` is written `or` here", ""),
        ("acme,foo", ",", "a comma lists values after an operator, not searches", "write `or` between searches, or put the text in quotes"),
        ("(owner=ana", "(", "this bracket is not closed", "put ) where its terms end"),
        ("owner=ana)", ")", "there is no `(` for this `)`", "leave it out, or put ( before"),
        ("( )", "( )", "there is nothing in these brackets", "leave them out, or put terms between them"),
        ("owner=(ana or ben)", "(", "brackets group terms, not values", "list values with commas, such as owner=ana,ben"),
        ("name=Acme(UK)", "(", "a bracket stands inside a word", "put a space before it, or the whole text in quotes: \"Acme(UK)\""),
        ("24\"", "\"", "a quote stands inside a word", "put a space before it, or the whole text in quotes: \"24\\\"\""),
        ("owner=\"abc", "\"", "this quote is not closed", "end the text with another \""),
        ("\"a\"b", "b", "this stands right after a quote", "put a space between them, or all of it in quotes; a quote inside is written \\\""),
        ("\"\"", "\"\"", "there is nothing to search for in these quotes", "write a text between them, or leave them out"),
        ("and x", "and", "a term is missing before `and`", "write a term before it; to search for the word, write \"and\""),
        ("x or", "", "a term is missing after `or`", "write a term, such as status=open, or leave `or` out"),
        ("@hut", "@hut", "there is no view `@hut`", "did you mean `@hot`? the views are @hot, @mine, @either, @a, @b, @c, @bad, @worse, @none"),
        ("@none", "@none", "the view `@none` has no terms", "give it terms under `views:` in pipeline.yaml"),
    ];
    for (typed, place, message, help) in cases {
        let flaw = flaw(typed);
        assert_eq!(flaw.message, *message, "{typed}");
        assert_eq!(flaw.help.as_deref().unwrap_or_default(), *help, "{typed}");
        assert_eq!((&flaw.text[flaw.start..flaw.end], flaw.text.as_str()), (*place, *typed));
    }
}

#[test]
fn a_flaw_in_a_view_shows_the_view() {
    let flaw = flaw("x @worse");
    assert_eq!(flaw.message, "there is no field `valu`, in the view `@bad`");
    assert_eq!((flaw.text.as_str(), flaw.start, flaw.end), ("valu=3", 0, 4));
}

#[test]
fn a_view_that_needs_itself_is_refused() {
    assert_eq!(
        flaw("@a").message,
        "the view `@a` needs itself: @a, then @b, then @c, then @a, in the view `@c`"
    );
}

#[test]
fn views_cannot_blow_up() {
    let names: Vec<(String, String)> =
        (0..60).map(|n| (format!("v{n}"), format!("@v{0} @v{0}", n + 1))).collect();
    let mut views: Vec<(&str, &str)> =
        names.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    views.push(("v60", "x"));
    let process = process(&views);
    let flaw = parse(&["@v0"], &dictionary(&process)).unwrap_err();
    assert!(flaw.message.starts_with("these are more than 10000 terms"), "{}", flaw.message);
}

#[test]
fn what_is_too_deep_is_refused() {
    let deep =
        |count: usize, open: &str, close: &str| format!("{}x{}", open.repeat(count), close.repeat(count));
    assert_eq!(written(&deep(100, "(", ")")), r#""x""#);
    for text in
        [deep(101, "(", ")"), deep(200_000, "(", ")"), deep(200_000, "not ", ""), "(".repeat(1_000_000)]
    {
        assert_eq!(flaw(&text).message, "brackets, `not` and views stand over 100 deep here");
    }
}

#[test]
fn without_fields_to_search_a_word_is_refused() {
    let process = process(&[]);
    let fields = vec![FieldDef::new("value", Kind::Money), FieldDef::new("reason", Kind::Choice(Vec::new()))];
    let dictionary = Dictionary { fields, ..dictionary(&process) };
    let flaw = parse(&["acme"], &dictionary).unwrap_err();
    assert_eq!(flaw.message, "there is no id, name or account here to search in");
    assert!(parse(&["reason=whatever"], &dictionary).is_ok());
}
