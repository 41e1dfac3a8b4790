//! The rules of the merge by examples, and its laws on random tables.

use super::*;

const HEAD: &str = "id,name,stage,stage_since,value,closed,reason\n";

fn with(rows: &[&str]) -> String {
    rows.iter().fold(HEAD.to_owned(), |text, row| format!("{text}{row}\n"))
}

fn merged(base: &str, ours: &str, theirs: &str) -> Merged {
    merge("deals.csv", base.as_bytes(), ours.as_bytes(), theirs.as_bytes()).unwrap()
}

fn clean(base: &str, ours: &str, theirs: &str) -> String {
    let merged = merged(base, ours, theirs);
    assert_eq!(merged.conflicts, [], "{}", merged.text);
    merged.text
}

fn refused(base: &str, ours: &str, theirs: &str) -> String {
    let problems = merge("deals.csv", base.as_bytes(), ours.as_bytes(), theirs.as_bytes()).unwrap_err();
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

mod rules {
    use super::*;

    const T1: &str = "2026-03-01T12:00:00.000Z";
    const T2: &str = "2026-03-02T12:00:00.000Z";
    const T3: &str = "2026-03-03T12:00:00.000Z";

    #[test]
    fn each_field_comes_from_the_side_that_changed_it() {
        let base = with(&["1,Acme,needs,,10,,", "2,Best,needs,,20,,"]);
        let ours = with(&["1,\"Acme\",needs,,11,,", "2,Best,needs,,20,,"]);
        let theirs = with(&["1,\"Acme, Ltd\",needs,,10,,", "2,Best,won,,20,,"]);
        assert_eq!(clean(&base, &ours, &theirs), with(&["1,\"Acme, Ltd\",needs,,11,,", "2,Best,won,,20,,"]));
        assert_eq!(clean(&base, &theirs, &ours), with(&["1,\"Acme, Ltd\",needs,,11,,", "2,Best,won,,20,,"]));
    }

    #[test]
    fn the_same_change_on_both_sides_is_one() {
        let base = with(&["1,Acme,needs,,10,,"]);
        let both = with(&["1,Acme,won,,10,,"]);
        assert_eq!(clean(&base, &both, &both.replace("10", "\"10\"")), both);
    }

    #[test]
    fn rows_keep_the_order_of_ours_and_new_ones_come_last() {
        let base = with(&["1,A,needs,,,,", "2,B,needs,,,,"]);
        let ours = with(&["2,B,needs,,,,", "9,O,needs,,,,", "1,A,needs,,,,"]);
        let theirs = with(&["8,T,needs,,,,", "1,A,needs,,,,", "7,U,needs,,,,", "2,B,needs,,5,,"]);
        let all = ["2,B,needs,,5,,", "9,O,needs,,,,", "1,A,needs,,,,", "8,T,needs,,,,", "7,U,needs,,,,"];
        assert_eq!(clean(&base, &ours, &theirs), with(&all));
    }

    #[test]
    fn the_later_move_wins_with_the_cells_it_brought() {
        let base = with(&[&format!("1,A,proposal,{T1},5,,")]);
        let ours = with(&[&format!("1,A,lost,{T2},5,{T2},price")]);
        let theirs = with(&[&format!("1,A,negotiation,{T3},6,,")]);
        let later = with(&[&format!("1,A,negotiation,{T3},6,,")]);
        assert_eq!(clean(&base, &ours, &theirs), later);
        assert_eq!(clean(&base, &theirs, &ours), later);

        let lost_last = with(&[&format!("1,A,lost,{T3},5,{T3},price")]);
        let moved = with(&[&format!("1,A,negotiation,{T2},6,,")]);
        let later = with(&[&format!("1,A,lost,{T3},6,{T3},price")]);
        assert_eq!(clean(&base, &lost_last, &moved), later);
        assert_eq!(clean(&base, &moved, &lost_last), later);
    }

    #[test]
    fn a_move_taken_back_is_a_move_and_more_taken_back_is_more() {
        let base = with(&[&format!("1,A,proposal,{T2},,,")]);
        let back = with(&[&format!("1,A,needs,{T1},,,")]);
        let on = with(&[&format!("1,A,closing,{T3},,,")]);
        let further = with(&["1,A,qualification,2026-02-01T12:00:00.000Z,,,"]);
        assert_eq!(clean(&base, &back, &base), back);
        assert_eq!(clean(&base, &base, &back), back);
        assert_eq!(clean(&base, &back, &on), on);
        assert_eq!(clean(&base, &on, &back), on);
        assert_eq!(clean(&base, &back, &further), further);
        assert_eq!(clean(&base, &further, &back), further);
    }

    #[test]
    fn moves_whose_order_cannot_be_told_are_a_conflict() {
        for (first, second) in [(T2, T2), ("", T2), ("2026-03-02", T2), ("2026-03-02", "2026-03-02")] {
            let base = with(&[&format!("1,A,proposal,{T1},5,,")]);
            let ours = with(&[&format!("1,A,needs,{first},5,,")]);
            let theirs = with(&[&format!("1,A,won,{second},6,{second},")]);
            let merged = merged(&base, &ours, &theirs);
            let block = format!(
                "<<<<<<< ours\n1,A,needs,{first},6,,\n=======\n1,A,won,{second},6,{second},\n>>>>>>> theirs"
            );
            assert_eq!(merged.text, with(&[&block]));
        }
        let order = |a, b| super::super::order(a, b);
        assert_eq!(order("2026-03-02", "2026-03-03"), Some(Ordering::Less));
        assert_eq!(order("2026-03-04", T2), Some(Ordering::Greater));
        assert_eq!(order("2026-03-02T13:00:00+01:00", T2), Some(Ordering::Equal));
    }

    #[test]
    fn a_conflict_is_that_row_alone_and_holds_what_else_was_changed() {
        let base = with(&["1,A,needs,,10,,", "2,B,needs,,20,,", "3,C,needs,,30,,"]);
        let ours = with(&["1,A,needs,,10,,", "2,Bo,needs,,21,,", "3,C,needs,,30,,"]);
        let theirs = with(&["1,A,won,,10,,", "2,B,won,,22,,", "3,C,needs,,33,,"]);
        let merged = merged(&base, &ours, &theirs);
        let rows = [
            "1,A,won,,10,,",
            "<<<<<<< ours",
            "2,Bo,won,,21,,",
            "=======",
            "2,Bo,won,,22,,",
            ">>>>>>> theirs",
            "3,C,needs,,33,,",
        ];
        assert_eq!(merged.text, with(&rows));
        let problem = merged.conflicts[0].problem("deals.csv", &merged.text);
        assert_eq!(problem.to_string(), "deals.csv:4:1: both sides changed value of 2");
        assert_eq!(&*problem.place.unwrap().excerpt, "2,Bo,won,,21,,");
    }

    #[test]
    fn a_row_that_one_side_removed_goes_unless_the_other_changed_it() {
        let base = with(&["1,A,needs,,10,,", "2,B,needs,,20,,"]);
        let without = with(&["1,A,needs,,10,,"]);
        assert_eq!(clean(&base, &without, &base.replace("10", "11")), with(&["1,A,needs,,11,,"]));
        assert_eq!(clean(&base, &base.replace("10", "11"), &without), with(&["1,A,needs,,11,,"]));
        let changed = base.replace("20", "21");
        let by_ours = merged(&base, &without, &changed);
        let rows = ["1,A,needs,,10,,", "<<<<<<< ours", "=======", "2,B,needs,,21,,", ">>>>>>> theirs"];
        assert_eq!(by_ours.text, with(&rows));
        assert_eq!(
            by_ours.conflicts[0].problem("deals.csv", &by_ours.text).to_string(),
            "deals.csv:5:1: ours removed 2, theirs changed it"
        );
        let by_theirs = merged(&base, &changed, &without);
        let rows = ["1,A,needs,,10,,", "<<<<<<< ours", "2,B,needs,,21,,", "=======", ">>>>>>> theirs"];
        assert_eq!(by_theirs.text, with(&rows));
        assert_eq!(by_theirs.conflicts[0].clash, Clash::Removed(Side::Theirs));
    }

    #[test]
    fn a_deal_added_on_both_sides_is_one_or_a_conflict() {
        let base = with(&["1,A,needs,,,,"]);
        let ours = with(&["1,A,needs,,,,", "2,Ours,needs,,,,"]);
        assert_eq!(clean(&base, &ours, &ours), ours);
        let theirs = with(&["1,A,needs,,,,", "2,Theirs,needs,,,,", "3,New,needs,,,,"]);
        let merged = merged(&base, &ours, &theirs);
        let rows = [
            "1,A,needs,,,,",
            "<<<<<<< ours",
            "2,Ours,needs,,,,",
            "=======",
            "2,Theirs,needs,,,,",
            ">>>>>>> theirs",
            "3,New,needs,,,,",
        ];
        assert_eq!(merged.text, with(&rows));
        let problem = merged.conflicts[0].problem("deals.csv", &merged.text);
        assert_eq!(problem.message, "both sides added a deal `2`");
        let help = problem.help.unwrap();
        assert!(help.contains("pipeline renumber 2") && help.contains("ids: random"), "{help}");
    }

    #[test]
    fn columns_may_stand_in_any_order_and_be_added() {
        let base = "id,name,stage\n1,A,needs\n2,B,needs\n";
        let ours = "stage,id,name,tags\nneeds,1,A,hot\nneeds,2,\"B\",\n";
        let theirs = "id,name,stage,\"budget, k\"\n1,Ax,needs,5\n3,C,won,\"7\"\n2,B,needs,\n";
        assert_eq!(
            clean(base, ours, theirs),
            "stage,id,name,tags,\"budget, k\"\nneeds,1,Ax,hot,5\nneeds,2,\"B\",,\nwon,3,C,,\"7\"\n"
        );
    }

    #[test]
    fn a_column_that_one_side_removed_goes_unless_the_other_used_it() {
        let base = "id,name,stage,tags\n1,A,needs,hot\n2,B,needs,\n";
        let without = "id,name,stage\n1,A,needs\n2,B,needs\n";
        let ours = base.replace("2,B", "2,Bo");
        assert_eq!(clean(base, &ours, without), "id,name,stage\n1,A,needs\n2,Bo,needs\n");
        assert_eq!(clean(base, without, &ours), "id,name,stage\n1,A,needs\n2,Bo,needs\n");
        let used = base.replace("2,B,needs,", "2,B,needs,cold");
        assert_eq!(clean(base, &used, without), "id,name,stage,tags\n1,A,needs,\n2,B,needs,cold\n");
        let both = merged(base, without, &base.replace("hot", "warm"));
        assert_eq!(
            both.text,
            "id,name,stage,tags\n<<<<<<< ours\n1,A,needs,\n=======\n1,A,needs,warm\n>>>>>>> theirs\n2,B,needs,\n"
        );
    }

    #[test]
    fn line_ends_bom_and_the_missing_end_of_ours_stay() {
        let base = "id,name,stage\n1,A,needs\n2,B,needs\n";
        let ours = "\u{feff}id,name,stage\r\n1,A,needs\r\n\r\n2,B,needs";
        let theirs = "id,name,stage\n1,Ax,needs\n2,B,needs\n3,\"C\nD\",won\n";
        assert_eq!(
            clean(base, ours, theirs),
            "\u{feff}id,name,stage\r\n1,Ax,needs\r\n\r\n2,B,needs\r\n3,\"C\nD\",won"
        );
        assert_eq!(clean(base, ours, "id,name,stage\n1,A,needs\n"), "\u{feff}id,name,stage\r\n1,A,needs\r\n");
        let no_end = "id,name,stage\n1,A,needs\n2,B,needs";
        assert_eq!(clean(base, no_end, "id,name,stage\n1,A,needs\n"), "id,name,stage\n1,A,needs");
        let clash = merged(base, &no_end.replace("2,B", "2,C"), &base.replace("2,B", "2,D"));
        assert_eq!(
            clash.text,
            "id,name,stage\n1,A,needs\n<<<<<<< ours\n2,C,needs\n=======\n2,D,needs\n>>>>>>> theirs"
        );
    }

    #[test]
    fn an_empty_base_is_no_deals() {
        let ours = "id,name,stage\n1,A,needs\n";
        assert_eq!(clean("", ours, ours), ours);
        assert_eq!(clean("", "", ours), ours);
        assert_eq!(clean("", ours, ""), ours);
        assert_eq!(clean("", ours, "id,name,stage\n2,B,won\n"), "id,name,stage\n1,A,needs\n2,B,won\n");
    }

    #[test]
    fn what_is_unsound_is_not_merged() {
        let sound = "id,name,stage\n1,A,needs\n";
        for (unsound, says) in [
            ("id,name,stage\n1,A,needs\n1,B,needs\n", "3:1: the id `1` stands here for the second time"),
            ("id,name,stage\n1,A\n", "2:1: this row has 2 cells, the header has 3"),
            ("id,name,stage\n<<<<<<< x,y,z\n", "2:1: an earlier merge left its marks here"),
            ("id,name,stage\n1,\"A,needs\n", "2:3: this quote is never closed"),
            ("id,name,stage\n,A,needs\n", "2:1: this deal has no id"),
            ("id,name\n1,A\n", ": there is no column `stage`"),
            ("id;name;stage\n1;A;needs\n", "1:1: the columns are separated by semicolons, not commas"),
            ("id,name,stage\n1,A,needs\r", "2:1: this line ends with a lone carriage return"),
            ("id,name,stage\r", "1:1: the lines end in a carriage return alone"),
            ("id,name,stage,,\n1,A,needs,,\n", ": several columns have no name"),
        ] {
            let says = |side: &str| {
                let gap = if says.starts_with(':') { "" } else { ":" };
                format!("deals.csv ({side}){gap}{says}")
            };
            assert_eq!(refused(unsound, sound, sound), says("base"));
            assert_eq!(refused(sound, unsound, sound), says("ours"));
            assert_eq!(refused(sound, sound, unsound), says("theirs"));
        }
        assert_eq!(refused(sound, "", sound), "deals.csv (ours): this file has lost its first line");
        assert_eq!(refused(sound, sound, "\n"), "deals.csv (theirs): this file has lost its first line");
        assert!(merge("deals.csv", b"", b"\xff", b"").is_err());
    }
}

mod laws {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::{Index, select};

    use super::*;

    /// A table and how it is written.
    #[derive(Clone, Debug)]
    struct Table {
        columns: Vec<String>,
        rows: Vec<BTreeMap<String, String>>,
        style: Style,
    }

    #[allow(clippy::struct_excessive_bools)]
    #[derive(Clone, Debug)]
    struct Style {
        bom: bool,
        crlf: bool,
        quoted: bool,
        ends: bool,
        blank: bool,
    }

    #[derive(Clone, Debug)]
    enum Edit {
        Set(Index, Index, String),
        Move(Index, String, String),
        Remove(Index),
        Add(String, String, String),
        AddColumn(String, String),
        RemoveColumn(Index),
        Turn(Index),
        TurnColumns(Index),
        Style(Style),
    }

    impl Table {
        fn text(&self) -> String {
            let newline = if self.style.crlf { "\r\n" } else { "\n" };
            let mut lines = vec![self.line(str::to_owned)];
            lines.extend(
                self.rows.iter().map(|row| self.line(|name| row.get(name).cloned().unwrap_or_default())),
            );
            if self.style.blank {
                lines.insert(1, String::new());
            }
            let bom = if self.style.bom { "\u{feff}" } else { "" };
            let end = if self.style.ends { newline } else { "" };
            format!("{bom}{}{end}", lines.join(newline))
        }

        fn line(&self, cell: impl Fn(&str) -> String) -> String {
            let mut line = String::new();
            for (position, name) in self.columns.iter().enumerate() {
                if position > 0 {
                    line.push(',');
                }
                let cell = cell(name);
                if self.style.quoted {
                    line.extend(["\"", &cell.replace('"', "\"\""), "\""]);
                } else {
                    push_cell(&mut line, &cell);
                }
            }
            line
        }

        fn edited(&self, edits: &[Edit]) -> Table {
            let mut table = self.clone();
            for edit in edits {
                table.edit(edit.clone());
            }
            table
        }

        fn edit(&mut self, edit: Edit) {
            let rows = self.rows.len();
            match edit {
                Edit::Set(row, column, cell) if rows > 0 => {
                    let name = self.columns[column.index(self.columns.len())].clone();
                    if name != "id" {
                        self.rows[row.index(rows)].insert(name, cell);
                    }
                }
                Edit::Move(row, stage, since) if rows > 0 => {
                    let row = &mut self.rows[row.index(rows)];
                    row.insert("stage".to_owned(), stage);
                    row.insert("stage_since".to_owned(), since);
                }
                Edit::Remove(row) if rows > 0 => {
                    self.rows.remove(row.index(rows));
                }
                Edit::Add(id, name, since) if self.rows.iter().all(|row| row["id"] != id) => {
                    let cells = [("id", id), ("name", name), ("stage", "new".into()), ("stage_since", since)];
                    self.rows.push(cells.map(|(name, cell)| (name.to_owned(), cell)).into());
                }
                Edit::AddColumn(name, cell) if !self.columns.contains(&name) => {
                    self.columns.push(name.clone());
                    for row in self.rows.iter_mut().step_by(2) {
                        row.insert(name.clone(), cell.clone());
                    }
                }
                Edit::RemoveColumn(column) => {
                    let column = column.index(self.columns.len());
                    if !["id", "name", "stage"].contains(&self.columns[column].as_str()) {
                        let name = self.columns.remove(column);
                        for row in &mut self.rows {
                            row.remove(&name);
                        }
                    }
                }
                Edit::Turn(by) if rows > 0 => self.rows.rotate_left(by.index(rows)),
                Edit::TurnColumns(by) => {
                    let by = by.index(self.columns.len());
                    self.columns.rotate_left(by);
                }
                Edit::Style(style) => self.style = style,
                _ => {}
            }
        }
    }

    fn cell() -> impl Strategy<Value = String> {
        prop_oneof![
            3 => select(vec!["", "a", "b", "10"]).prop_map(str::to_owned),
            1 => "[a-c,\" \n\r潛=<>;-]{0,5}",
        ]
    }

    fn moment() -> impl Strategy<Value = String> {
        let written = prop_oneof![
            4 => (1..5u32).prop_map(|day| format!("2026-03-0{day}T12:00:00.000Z")),
            1 => (1..5u32).prop_map(|day| format!("2026-03-0{day}")),
            1 => cell(),
        ];
        written
    }

    fn id() -> impl Strategy<Value = String> {
        (1..7u32).prop_map(|number| format!("deal-{number}"))
    }

    fn stage() -> impl Strategy<Value = String> {
        select(vec!["new", "needs", "won"]).prop_map(str::to_owned)
    }

    fn style() -> impl Strategy<Value = Style> {
        any::<[bool; 5]>().prop_map(|[bom, crlf, quoted, ends, blank]| Style {
            bom,
            crlf,
            quoted,
            ends,
            blank,
        })
    }

    fn edit() -> impl Strategy<Value = Edit> {
        let index = any::<Index>;
        prop_oneof![
            6 => (index(), index(), cell()).prop_map(|(row, column, cell)| Edit::Set(row, column, cell)),
            4 => (index(), stage(), moment()).prop_map(|(row, stage, since)| Edit::Move(row, stage, since)),
            1 => index().prop_map(Edit::Remove),
            2 => (id(), cell(), moment()).prop_map(|(id, name, since)| Edit::Add(id, name, since)),
            1 => (select(vec!["tags", "budget", "a, b"]), cell())
                .prop_map(|(name, cell)| Edit::AddColumn(name.to_owned(), cell)),
            1 => index().prop_map(Edit::RemoveColumn),
            1 => index().prop_map(Edit::Turn),
            1 => index().prop_map(Edit::TurnColumns),
            1 => style().prop_map(Edit::Style),
        ]
    }

    fn table() -> impl Strategy<Value = Table> {
        let row = (id(), cell(), stage(), moment(), cell());
        let rows = vec(row, 0..6).prop_map(|rows| {
            let mut seen = BTreeSet::new();
            let rows = rows.into_iter().filter(|row| seen.insert(row.0.clone()));
            rows.map(|(id, name, stage, since, value)| {
                let cells =
                    [("id", id), ("name", name), ("stage", stage), ("stage_since", since), ("value", value)];
                BTreeMap::from(cells.map(|(name, cell)| (name.to_owned(), cell)))
            })
            .collect::<Vec<_>>()
        });
        let columns = ["id", "name", "stage", "stage_since", "value"].map(str::to_owned).to_vec();
        (rows, style()).prop_map(move |(rows, style)| Table { columns: columns.clone(), rows, style })
    }

    fn three() -> impl Strategy<Value = [String; 3]> {
        (table(), vec(edit(), 0..5), vec(edit(), 0..5)).prop_map(|(base, ours, theirs)| {
            [base.text(), base.edited(&ours).text(), base.edited(&theirs).text()]
        })
    }

    /// The deals of a text and their cells that are not empty.
    fn facts(text: &str) -> BTreeMap<String, BTreeMap<String, String>> {
        let sheet = Sheet::parse("deals.csv", text.as_bytes().to_vec()).unwrap();
        let table = super::super::Table::read(&sheet).unwrap();
        let facts = |(id, line): &(Cow<'_, str>, Line<'_>)| {
            let record = Record::new(
                sheet.columns(),
                cells(line.text).flatten().map(RawCell::value).collect::<Vec<_>>(),
            );
            let cells = record.cells().filter(|(_, cell)| !cell.is_empty());
            (id.clone().into_owned(), cells.map(|(name, cell)| (name.to_owned(), cell.to_owned())).collect())
        };
        table.rows.iter().map(facts).collect()
    }

    /// A text with its conflicts settled, all for one side.
    fn settled(text: &str, side: Side) -> String {
        let mut within = None;
        let mut kept = String::new();
        for line in text.split_inclusive('\n') {
            match line.trim_end_matches(['\r', '\n']) {
                "<<<<<<< ours" => within = Some(Side::Ours),
                "=======" => within = Some(Side::Theirs),
                ">>>>>>> theirs" => within = None,
                _ if within.is_none_or(|within| within == side) => kept.push_str(line),
                _ => {}
            }
        }
        kept
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_only_ours_changed_or_both_alike_is_ours([base, ours, _] in three()) {
            prop_assert_eq!(&clean(&base, &ours, &base), &ours);
            prop_assert_eq!(&clean(&base, &ours, &ours), &ours);
        }

        #[test]
        fn what_only_theirs_changed_is_theirs([base, _, theirs] in three()) {
            prop_assert_eq!(facts(&clean(&base, &base, &theirs)), facts(&theirs));
        }

        #[test]
        fn both_orders_say_the_same([base, ours, theirs] in three()) {
            let (one, other) = (merged(&base, &ours, &theirs), merged(&base, &theirs, &ours));
            let deals = |merged: &Merged| -> BTreeSet<String> {
                merged.conflicts.iter().map(|conflict| conflict.deal.clone()).collect()
            };
            prop_assert_eq!(deals(&one), deals(&other));
            prop_assert_eq!(facts(&settled(&one.text, Side::Ours)), facts(&settled(&other.text, Side::Theirs)));
            prop_assert_eq!(facts(&settled(&one.text, Side::Theirs)), facts(&settled(&other.text, Side::Ours)));
        }

        #[test]
        fn nothing_is_lost_or_doubled([base, ours, theirs] in three()) {
            let merged = merged(&base, &ours, &theirs);
            let (base, ours, theirs) = (facts(&base), facts(&ours), facts(&theirs));
            for side in [Side::Ours, Side::Theirs] {
                // `facts` fails on an id that stands twice.
                let now = facts(&settled(&merged.text, side));
                let cell = |facts: &BTreeMap<String, BTreeMap<String, String>>, id: &str, name: &str| {
                    facts.get(id).and_then(|cells| cells.get(name)).cloned().unwrap_or_default()
                };
                let in_conflict = |id: &str| merged.conflicts.iter().any(|conflict| conflict.deal == id);
                for id in base.keys().chain(ours.keys()).chain(theirs.keys()) {
                    if in_conflict(id) {
                        continue;
                    }
                    let removed = base.contains_key(id) && !(ours.contains_key(id) && theirs.contains_key(id));
                    prop_assert_eq!(now.contains_key(id), !removed, "{}", id);
                    if removed {
                        continue;
                    }
                    let names: BTreeSet<&String> =
                        [&base, &ours, &theirs].into_iter().filter_map(|f| f.get(id)).flat_map(BTreeMap::keys).collect();
                    for name in names {
                        let [was, our, their] = [&base, &ours, &theirs].map(|facts| cell(facts, id, name));
                        let is = cell(&now, id, name);
                        if Written::of(name).comes_with_moves() {
                            prop_assert!(is == our || is == their);
                        } else if our == was || our == their {
                            prop_assert_eq!(is, their);
                        } else {
                            prop_assert!(their == was);
                            prop_assert_eq!(is, our);
                        }
                    }
                }
            }
        }

        #[test]
        fn untouched_rows_keep_their_bytes([base, ours, theirs] in three()) {
            let merged = merged(&base, &ours, &theirs);
            let header = |text: &str| Sheet::parse("", text.as_bytes().to_vec()).unwrap().columns().to_vec();
            if header(&merged.text) == header(&ours) && merged.conflicts.is_empty() {
                let (now, before, theirs) = (facts(&merged.text), facts(&ours), facts(&theirs));
                let ours = Sheet::parse("", ours.into_bytes()).unwrap();
                let base = Sheet::parse("", base.into_bytes()).unwrap();
                let as_base = |text: &str| base.rows().flatten().any(|line| line.text == text);
                let ours = super::super::Table::read(&ours).unwrap();
                for (id, line) in &ours.rows {
                    if now.get(&**id) == before.get(&**id) && !(as_base(line.text) && theirs.contains_key(&**id)) {
                        prop_assert!(merged.text.contains(line.text));
                    }
                }
            }
        }

        #[test]
        fn no_text_makes_it_panic(texts in any::<[String; 3]>(), cut in any::<[Index; 3]>(), three in three()) {
            let [base, ours, theirs] = &texts;
            let _ = merge("deals.csv", base.as_bytes(), ours.as_bytes(), theirs.as_bytes());
            let mut cuts = three.clone();
            for (text, cut) in cuts.iter_mut().zip(cut) {
                let mut bytes = text.clone().into_bytes();
                bytes.truncate(cut.index(bytes.len() + 1));
                *text = String::from_utf8_lossy(&bytes).into_owned();
            }
            let [base, ours, theirs] = &cuts;
            if let Ok(merged) = merge("deals.csv", base.as_bytes(), ours.as_bytes(), theirs.as_bytes()) {
                facts(&settled(&merged.text, Side::Ours));
            }
        }
    }
}
