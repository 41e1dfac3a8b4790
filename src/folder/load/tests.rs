//! The reader of all cores against one that reads row by row: the same files, sound and broken, say the same.

use std::borrow::Cow;
use std::fmt::Write as _;

use rustc_hash::FxHashMap;

use super::*;
use crate::folder::deal_rows::DealRows;
use crate::process;

const PROCESS: &str = "\
timezone: Europe/Berlin
fields:
  - {id: seats, type: number}
stages:
  - {id: qualify, was: [screening]}
  - {id: in-talks}
  - {id: won, outcome: won}
  - {id: lost, outcome: lost}
";

const FIELDS: [&str; 4] = ["value", "seats", "owner", TOUCHES];

/// What a book says, as text.
fn told(process: &Process, loaded: &Loaded) -> String {
    let book = &loaded.book;
    let deal = |deal: usize| {
        let cells: Vec<&str> = (0..book.fields().len()).map(|field| book.cell(deal, field)).collect();
        let (state, moves, changes) = (
            book.deal(deal),
            book.moves(deal),
            book.changes(deal).map(|it| (it.at, it.field, it.from(), it.to())),
        );
        let past = book.past(deal, process, crate::deal::time::Cut::END);
        format!(
            "{} {} {state:?} {cells:?} {:?} {moves:?} {:?} {:?} {past:?}\n",
            loaded.rows[deal],
            book.id(deal),
            changes.collect::<Vec<_>>(),
            book.created(deal),
            book.touches(deal),
        )
    };
    (0..book.len()).map(deal).collect::<String>() + &format!("{} left out", loaded.skipped)
}

/// As [`load`], one row after the other and every row taken apart.
fn simply(
    process: &Process,
    deals: &Sheet,
    history: &Sheet,
    fields: &[String],
    unsound: Unsound,
) -> Result<Loaded, Vec<Problem>> {
    let (mut rows, mut problems, mut skipped) = (Vec::new(), Vec::new(), 0);
    let mut loading = Loading::of(process, fields, deals, 0)?;
    let mut events = Events::default();
    let mut ids: FxHashMap<String, Option<usize>> = FxHashMap::default();
    let mut cells: Vec<Cow<'_, str>> = Vec::new();
    if let Some(required) = required(deals)? {
        let mut checker = DealRows::new(process, deals);
        for line in deals.rows() {
            let line = line.map_err(|problem| vec![problem])?;
            let found = match deals.split(line, &mut cells) {
                Ok(()) => checker.check(line, &cells, required.id),
                Err(problem) => vec![problem],
            };
            if !found.is_empty() {
                if let Some(id) = cells.get(required.id) {
                    ids.entry(id.to_string()).or_insert(None);
                }
                problems.extend(found);
                skipped += 1;
                continue;
            }
            let cell = |name: &str| deals.column(name).map_or(Cow::Borrowed(""), |at| cells[at].clone());
            let moment = |name: &str| process.zone.parse_moment(&cell(name));
            let state = State {
                stage: process.lookup(&cell("stage")).unwrap(),
                stage_since: moment("stage_since"),
                created: moment("created"),
                closed: moment("closed"),
            };
            ids.insert(cell("id").into_owned(), Some(rows.len()));
            let texts = |names: &[String]| {
                let cells: Vec<_> = names.iter().map(|name| cell(name)).collect();
                cells.iter().map(|cell| &**cell).collect()
            };
            let (ids, cells) = (texts(&["id".to_owned()]), texts(fields));
            loading.builder.add(&Deals { ids, states: vec![state], cells });
            rows.push(line.start);
        }
    }
    if !history.columns().is_empty() {
        let sound = History::of(history).map_err(|problem| vec![problem])?;
        let reader = HistoryReader { loading: &loading, history: sound };
        let mut strangers = std::collections::BTreeSet::new();
        for line in history.rows() {
            let line = line.map_err(|problem| vec![problem])?;
            let event = match reader.event(line, None, &mut cells) {
                Ok(event) => event,
                Err(problem) => {
                    problems.push(problem);
                    skipped += 1;
                    continue;
                }
            };
            match ids.get(&*event.deal) {
                Some(Some(deal)) => {
                    let start = line.start as u64;
                    let noted = loading.builder.note(process, *deal, event, start, &mut events);
                    if let Err(unknown) = noted {
                        strangers.insert(("stage", unknown.stage));
                        skipped += 1;
                    }
                }
                Some(None) => skipped += 1,
                None => {
                    strangers.insert(("deal", event.deal.into_owned()));
                    skipped += 1;
                }
            }
        }
        let told = |(what, _)| Problem::error(history.file(), None, format!("a {what} that is nowhere"));
        problems.extend(strangers.into_iter().map(told));
    }
    if unsound == Unsound::Refuse && !problems.is_empty() {
        return Err(problems);
    }
    let row_at = |start| history.row_at(start as usize).unwrap().text.to_owned();
    Ok(Loaded { book: loading.builder.finish(vec![events.sort()], &row_at), rows, skipped })
}

fn any_of<'t>(dice: &mut fastrand::Rng, from: &[&'t str]) -> &'t str {
    from[dice.usize(..from.len())]
}

/// A file of deals and one of history; `wild` ones have rows in them that nobody should write.
fn files(dice: &mut fastrand::Rng, wild: bool) -> (String, String) {
    let feed = any_of(dice, &["\n", "\n", "\n", "\r\n"]);
    let prefix = any_of(dice, &["deal-", "", "潛", "x"]);
    let id = |dice: &mut fastrand::Rng| match dice.u8(..12) {
        0 if wild => any_of(dice, &["", "deal-007", " d", "\"q,1\"", "deal-99999999999"]).to_owned(),
        1 => format!("odd{}", dice.u8(..4)),
        _ => format!("{prefix}{}", dice.u8(..40)),
    };
    let at = |dice: &mut fastrand::Rng| match dice.u8(..10) {
        0 if wild => any_of(dice, &["", "yesterday", "2026-02-30"]).to_owned(),
        1 => "2026-03-29T02:30:00+01:00".to_owned(),
        _ => format!("2026-03-{:02}T0{}:00:00.000Z", dice.u8(1..29), dice.u8(..3)),
    };
    let stage = |dice: &mut fastrand::Rng| match dice.u8(..14) {
        0 if wild => any_of(dice, &["", "nowhere", "in\\n-talks"]),
        1 => "deleted",
        _ => any_of(dice, &["qualify", "screening", "\"in-talks\"", "\"won\"", "won", "lost"]),
    };
    let mut deals = format!("id,name,stage,value,owner,created,stage_since,seats,note{feed}");
    let mut taken = std::collections::BTreeSet::new();
    for _ in 0..dice.usize(..25) {
        let id = id(dice);
        if !taken.insert(id.clone()) && !wild {
            continue;
        }
        let name = any_of(
            dice,
            &["Acme", "\"Acme, \"\"the\"\" first\"", "5\" pipe", "潛力", "\"two\nlines\n\n\"", ""],
        );
        let (stage, since) = (stage(dice), any_of(dice, &["", "2026-03-01"]));
        let created = any_of(dice, &["", "2026-03-01", "2026-03-01T09:00:00.000Z"]);
        let value =
            any_of(dice, if wild { &["", "100", "1,000", "x", "\"7\""] } else { &["", "100", "\"7\""] });
        let end = any_of(dice, &["ok", "\"a\nb\"", "\"\"\"\"", ""]);
        let _ = write!(deals, "{id},{name},{stage},{value},ana,{created},{since},3,{end}{feed}");
        match dice.u8(..20) {
            0 => deals += feed,
            1 if wild => deals += "<<<<<<< HEAD\n",
            2 if wild => deals += "\"deal-1\"x,a,won,,,,,,\n",
            3 if wild && dice.u8(..8) == 0 => deals += "deal-2,\"never closed,won,,,,,,\n",
            _ => {}
        }
    }
    let mut history = format!("{}{feed}", event::HEADER);
    let several = if wild || !taken.is_empty() { dice.usize(..60) } else { 0 };
    for _ in 0..several {
        // A sound history is about deals that are there.
        let known: Vec<&String> = taken.iter().collect();
        let id = if wild || known.is_empty() { id(dice) } else { known[dice.usize(..known.len())].clone() };
        let at = at(dice);
        let (from, to) = (stage(dice), stage(dice));
        let note = any_of(dice, &["", "hello", "\"said \"\"no\"\", twice\"", "a\\nb", "潛力"]);
        let row = match dice.u8(..14) {
            0 => format!("{at},{id},call,,,,ana,{note}"),
            1 => format!("{at},{id},set,value,1,2,ana,{note}"),
            2 => format!("{at},{id},set,next_step,,call,ana,{note}"),
            3 => format!("{at},{id},void,stage,2026-03-01T00:00:00.000Z,,ana,{note}"),
            4 => format!("{at},{id},stage,forced,{from},{to},ana,{note}"),
            5 if wild => format!("{at},{id},stage,,{from}"),
            6 if wild => format!("{at},{id},stage,field,{from},{to},ana,\"two\nlines\""),
            7 if wild => format!("{at},{id},set,value,one,2,ana,"),
            9 => format!("{at},{id},set,\"value\",1,2,ana,{note}"),
            10 => format!("{at},\"{id}\",\"stage\",,\"qualify\",{to},ana,{note}"),
            11 if wild => format!("{at},{id},stage,,{from},{to},ana,\"no\" more"),
            8 => format!("{at},{id},stage,,,{to},ana,{note}"),
            _ => format!("{at},{id},stage,,{from},{to},ana,{note}"),
        };
        let _ = write!(history, "{row}{feed}");
    }
    (deals, history)
}

#[test]
fn all_cores_read_what_one_row_after_the_other_says() {
    let process = process::read("pipeline.yaml", PROCESS).unwrap();
    let fields = FIELDS.map(str::to_owned);
    let mut dice = fastrand::Rng::with_seed(8);
    let (mut sound, mut refused) = (0, 0);
    for round in 0..800 {
        let wild = round % 3 == 0;
        let (deals, history) = files(&mut dice, wild);
        let context = format!("{deals}\n{history}");
        let sheet = |name: &str, text: String| Sheet::parse(name, text.into_bytes());
        let deals = sheet("deals.csv", deals).unwrap();
        let history = sheet("history.csv", history).unwrap();
        for kept in [&fields[..], &fields[..1]] {
            let (quick, simple) = (
                load(&process, &deals, &history, kept, Unsound::Skip),
                simply(&process, &deals, &history, kept, Unsound::Skip),
            );
            match (quick, simple) {
                (Ok(quick), Ok(simple)) => {
                    sound += usize::from(quick.skipped == 0 && quick.book.len() > 2);
                    assert_eq!(told(&process, &quick), told(&process, &simple), "{context}");
                }
                (Err(quick), Err(simple)) => assert_eq!(quick, simple, "{context}"),
                (quick, simple) => panic!("{quick:?}\n{simple:?}\n{context}"),
            }
        }
        let problems = |loaded: Result<Loaded, Vec<Problem>>| {
            let place = |problem: &Problem| (problem.file.clone(), problem.message.clone());
            loaded.err().map(|problems| problems.iter().map(place).collect::<Vec<_>>())
        };
        let quick = problems(load(&process, &deals, &history, &fields, Unsound::Refuse));
        let simple = problems(simply(&process, &deals, &history, &fields, Unsound::Refuse));
        refused += usize::from(quick.is_some());
        assert_eq!(quick.as_ref().map(Vec::len), simple.as_ref().map(Vec::len), "{context}");
        let of_deals = |problems: Option<Vec<(String, String)>>| {
            problems.into_iter().flatten().filter(|(file, _)| file == "deals.csv").collect::<Vec<_>>()
        };
        assert_eq!(of_deals(quick), of_deals(simple), "{context}");
    }
    assert!(sound > 200 && refused > 200, "{sound} {refused}");
}

#[test]
fn long_files_read_by_blocks_say_what_they_say_as_a_whole() {
    let process = process::read("pipeline.yaml", PROCESS).unwrap();
    let fields = FIELDS.map(str::to_owned);
    let mut dice = fastrand::Rng::with_seed(9);
    let root = tempfile::tempdir().unwrap();
    std::fs::write(root.path().join(crate::folder::PROCESS_FILE), PROCESS).unwrap();
    let (mut by_blocks, mut as_a_whole) = (0, 0);
    for round in 0..400 {
        let (deals, history) = files(&mut dice, round % 4 == 0);
        std::fs::write(root.path().join(crate::folder::DEALS_FILE), &deals).unwrap();
        std::fs::write(root.path().join(crate::folder::HISTORY_FILE), &history).unwrap();
        let context = format!("{deals}\n{history}");
        let sheet = |name: &str, text: String| Sheet::parse(name, text.into_bytes()).unwrap();
        let (deals, history) = (sheet("deals.csv", deals), sheet("history.csv", history));
        let whole = load(&process, &deals, &history, &fields, Unsound::Refuse);
        let folder = crate::folder::Folder::open(root.path().to_owned()).unwrap();
        by_blocks +=
            usize::from(folder.by_blocks().is_some_and(|long| long.load(&folder, &fields).is_some()));
        match (folder.ledger().unwrap().load(&fields, Unsound::Refuse), whole) {
            (Ok(loaded), Ok(whole)) => {
                assert_eq!(told(&process, &loaded), told(&process, &whole), "{context}");
            }
            (Err(_), Err(_)) => as_a_whole += 1,
            (loaded, whole) => panic!("{loaded:?}\n{whole:?}\n{context}"),
        }
    }
    assert!(by_blocks > 150 && as_a_whole > 50, "{by_blocks} {as_a_whole}");
}
