//! Edits by example, and over files written in every way at random.

use proptest::prelude::*;

use super::*;

fn edited(text: &str, values: &[(&str, &str)]) -> String {
    set("deals/x.yaml", text, values).unwrap_or_else(|problems| panic!("{text:?}: {problems:?}"))
}

#[test]
fn a_value_changes_and_nothing_else_does() {
    for (text, key, value, expected) in [
        (
            "# top\nid: x # c\nname: \"y\"   # why\n\nstage: 'needs'\n# end\n",
            "stage",
            "won",
            "# top\nid: x # c\nname: \"y\"   # why\n\nstage: 'won'\n# end\n",
        ),
        (
            "id: x # c\nname: \"y\"   # why\n",
            "name",
            "潛在 \"a\"",
            "id: x # c\nname: \"潛在 \\\"a\\\"\"   # why\n",
        ),
        (
            "id: x\r\nname: y\r\nnote: |\r\n  a\r\n  b\r\nstage: n\r\n",
            "name",
            "z",
            "id: x\r\nname: z\r\nnote: |\r\n  a\r\n  b\r\nstage: n\r\n",
        ),
        (
            "id: x\r\nnote: |\r\n  a\r\n  b\r\n\r\n# c\r\nstage: n\r\n",
            "note",
            "p\n\nq\n",
            "id: x\r\nnote: |\r\n  p\r\n\r\n  q\r\n\r\n# c\r\nstage: n\r\n",
        ),
        (
            "id: x\nnote: >- # why\n  a\n  b\n\n# c\nstage: n",
            "note",
            "short",
            "id: x\nnote: short # why\n\n# c\nstage: n",
        ),
        ("id: x\nnote: | # why\n  a\nstage: n", "note", "", "id: x\nnote: # why\nstage: n"),
        ("id: x\nname: a\n  b # c\nstage: n", "name", "NO", "id: x\nname: 'NO' # c\nstage: n"),
        ("{id: x, name: \"y\", value: 5}", "value", "12000.50", "{id: x, name: \"y\", value: 12000.50}"),
        ("{id: x, name: y}\n", "name", "a, b", "{id: x, name: 'a, b'}\n"),
        ("{id: x, name: }\n", "name", "b", "{id: x, name: b }\n"),
        ("id: x\nname:\nstage: n\n", "name", "b", "id: x\nname: b\nstage: n\n"),
        ("id: x\nname:   # todo\nstage: n\n", "name", "b", "id: x\nname: b   # todo\nstage: n\n"),
        ("id: x\nname: b   # todo\nstage: n\n", "name", "", "id: x\nname:   # todo\nstage: n\n"),
        ("id: x\nname: ~\nstage: n\n", "name", "0123", "id: x\nname: '0123'\nstage: n\n"),
        ("\u{feff}\"id\": x\n'name' : y\n", "name", "z", "\u{feff}\"id\": x\n'name' : z\n"),
        ("# c\n---\nid: x\nname: a\n...\n", "name", "b", "# c\n---\nid: x\nname: b\n...\n"),
        ("id: x\nname: it's \"so\"\n", "name", "x: y", "id: x\nname: 'x: y'\n"),
        ("id: x\ntags: [a, \"b\"] # c\nname: y\n", "tags", "q, no", "id: x\ntags: [q, 'no'] # c\nname: y\n"),
        (
            "id: x\ntags: # c\n- a\n- b\n# d\nname: y\n",
            "tags",
            "q, r, s",
            "id: x\ntags: # c\n- q\n- r\n- s\n# d\nname: y\n",
        ),
        ("id: x\ntags:\n  - a\n\nname: y\n", "tags", "a b", "id: x\ntags:\n  - a b\n\nname: y\n"),
        ("id: x\ntags:\n  - a\nname: y\n", "tags", "", "id: x\ntags:\nname: y\n"),
        ("id: x\ntags: []\nname: y\n", "tags", "a, b", "id: x\ntags: a, b\nname: y\n"),
    ] {
        assert_eq!(edited(text, &[(key, value)]), expected, "{text:?}");
    }
}

#[test]
fn a_new_key_comes_last() {
    for (text, expected) in [
        ("id: x\n", "id: x\nnew: v\n"),
        ("id: x # c\n# the end\n", "id: x # c\nnew: v\n# the end\n"),
        ("id: x\r\nname: y", "id: x\r\nname: y\r\nnew: v"),
        ("  id: x\n  note: |\n    a\n\n", "  id: x\n  note: |\n    a\n  new: v\n\n"),
        ("id: x\nnote: |+\n  a\n\n", "id: x\nnote: |+\n  a\n\nnew: v\n"),
        ("id: x\nname:\n...\n", "id: x\nname:\nnew: v\n...\n"),
        ("{id: x}", "{id: x, new: v}"),
        ("{id: x, }", "{id: x, new: v }"),
        ("{}", "{new: v}"),
        ("{\n  id: x,\n  name: y # c\n}\n", "{\n  id: x,\n  name: y, # c\n  new: v\n}\n"),
        ("{\n  id: x, # c\n}\n", "{\n  id: x, # c\n  new: v\n}\n"),
        ("id: x\ntags:\n- a\n", "id: x\ntags:\n- a\nnew: v\n"),
        (
            "id: x\nm: {a: [b, \"c\"], d: } # c\n# end\n",
            "id: x\nm: {a: [b, \"c\"], d: } # c\nnew: v\n# end\n",
        ),
        (
            "id: x\nm:\n  a: b\n  c:\n    - {d: e}  # c\n\n# end\n",
            "id: x\nm:\n  a: b\n  c:\n    - {d: e}  # c\nnew: v\n\n# end\n",
        ),
        (
            "id: x\nm:\n  - a: b\n    c: |\n      d\n\n# end\n",
            "id: x\nm:\n  - a: b\n    c: |\n      d\nnew: v\n\n# end\n",
        ),
        ("id: x\nm:\n  a: 'b'\n  c:", "id: x\nm:\n  a: 'b'\n  c:\nnew: v"),
    ] {
        assert_eq!(edited(text, &[("new", "v"), ("none", "")]), expected, "{text:?}");
    }
}

#[test]
fn what_cannot_be_changed_surely_is_refused() {
    for text in [
        "? id\n: x\n",
        "id: &a x\n",
        "- id\n",
        "id",
        "",
        "id: {a: b}\n",
        "id: [\n",
        "id: x\nid: y\n",
        "id: x\n--- \nid: y\n",
    ] {
        assert!(set("deals/x.yaml", text, &[("id", "z")]).is_err(), "{text:?}");
    }
}

#[test]
fn a_new_file_has_a_line_a_value() {
    let values = [("id", "deal-1"), ("name", "a: b"), ("value", ""), ("no", "yes"), ("note", "a\nb")];
    assert_eq!(written("x", &values).unwrap(), "id: deal-1\nname: 'a: b'\n'no': 'yes'\nnote: |-\n  a\n  b\n");
    let long = "x".repeat(2 << 20);
    assert!(written("x", &[("id", &long)]).is_err());
}

/// A text that a cell may hold.
fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z 潛在0-9:#,'\"\\\\\\[\\]{}|>&*!%@`~?.-]{0,12}",
        "(yes|no|NO|null|~|007|1e3|12000\\.50|2026-01-01|2026-01-01T00:00:00Z|-|---|\\.\\.\\.|0x1f|y|true)",
        "[a-c \n\t\r]{0,8}",
        "[a-c\n]{1,9}",
        any::<String>(),
    ]
}

/// A value in one of the ways that people write it, in block context.
fn in_some_style(text: &str, style: u8) -> String {
    let context = Context { flow: false, indent: "    ", newline: "\n" };
    let old = match style % 4 {
        0 => Some(("x", Style::Single)),
        1 => Some(("x", Style::Double)),
        _ => None,
    };
    render(text, old, context)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_reads_back(text in cell(), flow: bool, style in 0u8..4) {
        let old = [None, Some(("5", Style::Plain)), Some(("x", Style::Single)), Some(("x", Style::Double))][usize::from(style)];
        let context = Context { flow, indent: "  ", newline: "\n" };
        let scalar = render(&text, old, context);
        let file = if flow { format!("{{a: {scalar}, b: c}}") } else { format!("a: {scalar}\nb: c\n") };
        let mut found = Problems::new("x", &file);
        let root = parse(&mut found, "").unwrap();
        prop_assert!(found.is_empty(), "{file:?}");
        let cells: Vec<_> = root.entries().iter().map(|(_, node)| node.as_cell().unwrap()).collect();
        prop_assert_eq!(cells, [text, "c".to_owned()], "{:?}", file);
    }

    #[test]
    fn only_the_changed_value_differs(
        entries in prop::collection::vec((cell(), 0u8..4, "( |  )(# [a-z潛: ]{0,8})?", prop_oneof!["", "# [a-z: '\"]{0,9}\n", "\n"]), 1..7),
        position: prop::sample::Index, value in cell(), crlf: bool, cut: bool, flow: bool,
    ) {
        let mut lines = Vec::new();
        for (number, (text, style, comment, above)) in entries.iter().enumerate() {
            if flow {
                let scalar = render(text, None, Context { flow: true, indent: "", newline: "\n" });
                lines.push(format!("k{number}: {scalar}"));
            } else {
                let scalar = in_some_style(text, *style);
                let comment = if scalar.contains('\n') { "" } else { comment.trim_end() };
                lines.push(format!("{above}k{number}: {scalar}{comment}\n"));
            }
        }
        let mut before = if flow { format!("{{{}}}\n", lines.join(",  ")) } else { lines.concat() };
        if cut { before.truncate(before.trim_end_matches('\n').len()); }
        if crlf { before = before.replace('\n', "\r\n"); }
        let changed = position.index(entries.len() + 1);
        let key = format!("k{changed}");
        let after = edited(&before, &[(&key, &value)]);
        // What stands before the changed line and after it stays, byte for byte.
        let same_start = before.bytes().zip(after.bytes()).take_while(|(a, b)| a == b).count();
        let same_end = before.bytes().rev().zip(after.bytes().rev()).take_while(|(a, b)| a == b).count();
        if let Some(at) = before.find(&format!("{key}: ")) {
            let end = before.find(&format!("k{}: ", changed + 1)).unwrap_or(before.len());
            prop_assert!(same_start >= at + key.len() || before == after);
            prop_assert!(before.len() - same_end <= end, "{before:?}\n{after:?}");
        } else {
            prop_assert!(same_start + same_end >= before.len(), "{before:?}\n{after:?}");
        }
        let again = edited(&after, &[(&key, &value)]);
        prop_assert_eq!(again, after);
    }
}
