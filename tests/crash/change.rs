//! The changes that are struck: every command that changes a folder, and the folder that each starts from.

use std::fs;
use std::path::{Path, PathBuf};

use crate::case::done;

/// Where a folder keeps its deals and its history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Store {
    /// deals.csv and history.csv.
    Csv,
    /// A YAML file per deal and a CSV file per year.
    Yaml,
}

impl Store {
    /// The file that the events of this year are in.
    fn history(self) -> &'static str {
        match self {
            Store::Csv => "history.csv",
            Store::Yaml => "history/2026.csv",
        }
    }
}

/// A command that changes a folder, and where.
#[derive(Debug)]
pub(crate) struct Change {
    /// What is typed; the names of [`FILES`] stand for files of another system.
    pub(crate) words: &'static [&'static str],
    pub(crate) stores: &'static [Store],
    /// What somebody else did to the folder before.
    pub(crate) prepare: fn(&Path, Store),
}

impl Change {
    const fn on(stores: &'static [Store], words: &'static [&'static str]) -> Change {
        Change { words, stores, prepare: |_, _| () }
    }

    const fn new(words: &'static [&'static str]) -> Change {
        Change::on(&[Store::Csv, Store::Yaml], words)
    }

    const fn after(self, prepare: fn(&Path, Store)) -> Change {
        Change { prepare, ..self }
    }
}

/// Files of other systems, by the word that stands for each.
pub(crate) const FILES: [(&str, &str); 4] = [
    ("IMPORT", "id,name,stage\nx-1,One,needs\nx-2,Two,won\n"),
    (
        "NEWER",
        "source_id,name,stage,value,colour\nO1,Crane scales,won,7,red\nO3,\"Dock lights, long\",needs,,\n",
    ),
    (
        "DEALS",
        "Id,Name,StageName,Amount,CreatedDate,LastModifiedDate\n\
         O1,Crane scales,proposal,5,2026-03-02T09:00:00.000Z,2026-04-15T15:30:00.000Z\n\
         O2,Berth lights,needs,,2026-03-03T10:00:00.000Z,2026-03-03T10:00:00.000Z\n",
    ),
    (
        "HISTORY",
        "Id,OpportunityId,StageName,CreatedById,CreatedDate\n\
         h1,O1,needs,U1,2026-03-02T09:00:00.000Z\n\
         h2,O1,proposal,U1,2026-04-15T15:30:00.000Z\n",
    ),
];

/// Where the file that a word stands for is, beside the folder.
pub(crate) fn file(folder: &Path, word: &str) -> PathBuf {
    folder.with_file_name(format!("{}.csv", word.to_lowercase()))
}

pub(crate) const CHANGES: [Change; 23] = [
    Change::new(&["add", "Fourth", "--value", "5"]),
    Change::new(&["move", "deal-1", "deal-2", "proposal"]),
    Change::new(&["win", "deal-1"]),
    Change::new(&["lose", "deal-1", "--reason", "price"]),
    Change::new(&["disqualify", "deal-1", "--reason", "spam"]),
    Change::new(&["reopen", "deal-3", "--note", "called back"]),
    Change::new(&["set", "deal-2", "value=7", "owner=ben"]),
    Change::new(&["edit", "deal-2"]),
    Change::new(&["log", "deal-1", "call", "said \"yes\",\ntwice", "--next", "Quote", "--due", "today+3d"]),
    Change::new(&["import", "csv", "IMPORT"]),
    Change::new(&["import", "salesforce", "DEALS", "HISTORY"]),
    Change::new(&["import", "csv", "NEWER"]).after(imported),
    Change::on(&[Store::Csv], &["convert", "--deals", "yaml", "--history", "years"]),
    Change::on(&[Store::Yaml], &["convert", "--deals", "csv", "--history", "file"]),
    Change::new(&["undo"]),
    Change::new(&["undo", "--redo"]),
    Change::new(&["delete", "deal-2", "--reason", "a slip"]),
    Change::new(&["delete", "deal-2", "--erase", "--reason", "asked to be forgotten"]),
    Change::new(&["merge", "deal-2", "--into", "deal-1"]),
    Change::new(&["reconcile"]).after(edited_by_hand),
    Change::new(&["reconcile"]).after(a_cell_is_wrong_that_follows_from_moves),
    Change::on(&[Store::Csv], &["renumber", "deal-2"]).after(an_id_stands_twice),
    Change::new(&["renumber", "deal-2"]).after(a_merge_lost_a_row),
];

const PROCESS: &str = "\
stages:
  - {id: needs}
  - {id: proposal}
  - {id: won, outcome: won}
  - {id: lost, outcome: lost, enter: {require: [reason]}}
  - {id: disqualified, outcome: disqualified}
";

/// Makes a folder with three deals, one of them lost; one change that can be undone, and one that was.
pub(crate) fn start(folder: &Path, store: Store) {
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join("pipeline.yaml"), PROCESS).unwrap();
    if store == Store::Yaml {
        done(folder, &["convert", "--deals", "yaml", "--history", "years"]);
    }
    done(folder, &["add", "Acme, Ltd", "--value", "12000"]);
    done(folder, &["add", "潛在客戶", "--set", "owner=ana"]);
    done(folder, &["add", "Third"]);
    done(folder, &["lose", "deal-3", "--reason", "timing"]);
    done(folder, &["set", "deal-1", "account=Acme"]);
    done(folder, &["move", "deal-2", "proposal"]);
    done(folder, &["undo"]);
}

/// The deals of another system came in before.
fn imported(folder: &Path, _: Store) {
    let files = ["DEALS", "HISTORY"].map(|word| file(folder, word).into_os_string().into_string().unwrap());
    done(folder, &["import", "salesforce", &files[0], &files[1]]);
}

/// Somebody gave a deal another owner and another stage in a spreadsheet.
fn edited_by_hand(folder: &Path, store: Store) {
    match store {
        Store::Csv => edit(folder, "deals.csv", "潛在客戶,,,ana,,needs,", "潛在客戶,,,ben,,proposal,"),
        Store::Yaml => {
            edit(folder, "deals/deal-2.yaml", "owner: ana", "owner: ben");
            edit(folder, "deals/deal-2.yaml", "stage: needs", "stage: proposal");
        }
    }
}

/// The instant at which deal-3 was lost is another than that of its move.
fn a_cell_is_wrong_that_follows_from_moves(folder: &Path, store: Store) {
    match store {
        Store::Csv => edit(folder, "deals.csv", "12:00:00.001Z,timing,", "11:00:00.000Z,timing,"),
        Store::Yaml => edit(folder, "deals/deal-3.yaml", "closed: '2026-11-24T12", "closed: '2026-11-24T11"),
    }
}

/// When the other branch added its deal-2.
const EARLIER: &str = "2026-11-23T08:00:00.000Z";

/// Two branches each added a deal-2, and somebody kept both rows.
fn an_id_stands_twice(folder: &Path, store: Store) {
    a_merge_lost_a_row(folder, store);
    let deals = fs::read_to_string(folder.join("deals.csv")).unwrap();
    let row = deals.lines().find(|line| line.starts_with("deal-2,")).unwrap();
    let other = row.replace("潛在客戶,,,ana", "Fish boxes,,,").replace("2026-11-24T12:00:00.000Z", EARLIER);
    fs::write(folder.join("deals.csv"), format!("{deals}{other}\n")).unwrap();
}

/// Two branches each added a deal-2, and a merge kept the row of one.
fn a_merge_lost_a_row(folder: &Path, store: Store) {
    let path = folder.join(store.history());
    let history = fs::read_to_string(&path).unwrap();
    let other = format!("{EARLIER},deal-2,stage,,,needs,ben,\n{EARLIER},deal-2,set,name,,Fish boxes,ben,\n");
    fs::write(path, history + &other).unwrap();
}

fn edit(folder: &Path, file: &str, from: &str, to: &str) {
    let path = folder.join(file);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{text}");
    fs::write(path, text.replacen(from, to, 1)).unwrap();
}

#[test]
fn every_command_that_changes_a_folder_is_struck() {
    let commands = pipeline::commands::command_line();
    let changing = commands
        .get_subcommands()
        .filter(|command| command.get_arguments().any(|argument| argument.get_long() == Some("wait")));
    for command in changing {
        let name = command.get_name();
        assert!(CHANGES.iter().any(|change| change.words[0] == name), "{name} is not struck");
    }
}
