//! Both languages: every template in each, no heading left in English, and nothing out of line on a terminal.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use clap::ValueEnum;
use pipeline::metrics::Takes;
use pipeline::process::{COLUMNS, DERIVED, Lang, Template};
use unicode_width::UnicodeWidthStr;

fn command(program: &str, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder).env_clear().env("PATH", std::env::var_os("PATH").unwrap());
    command.envs([("LANG", "C.UTF-8"), ("TZ", "Asia/Taipei"), ("TERM", "xterm")]);
    command.envs([("PIPELINE_TODAY", "2026-11-20"), ("PIPELINE_USER", "ana"), ("HOME", "/nowhere")]);
    command
}

fn text(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// What a command prints to a pipe.
fn piped(folder: &Path, arguments: &[&str]) -> String {
    text(&command(env!("CARGO_BIN_EXE_pipeline"), folder).args(arguments).output().unwrap())
}

/// What a command prints on a terminal of so many columns, both streams, without colours.
fn on_terminal(folder: &Path, columns: usize, arguments: &str) -> String {
    let typed = format!(
        "stty cols {columns} rows 50; {} --no-pager --color never {arguments}",
        env!("CARGO_BIN_EXE_pipeline")
    );
    // `script`, of util-linux, makes the terminal.
    text(&command("script", folder).args(["-qefc", &typed, "/dev/null"]).output().unwrap()).replace('\r', "")
}

fn acme() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/acme")
}

/// The example in a folder of its own.
fn copied() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in ["pipeline.yaml", "deals.csv", "history.csv"] {
        fs::copy(acme().join(name), folder.path().join(name)).unwrap();
    }
    folder
}

fn has_latin(text: &str) -> bool {
    text.contains(|c: char| c.is_ascii_alphabetic())
}

#[test]
fn a_deal_walks_through_each_template_in_each_language() {
    for template in Template::value_variants() {
        for lang in Lang::value_variants() {
            let scratch = tempfile::tempdir().unwrap();
            let name = template.to_possible_value().unwrap();
            piped(scratch.path(), &["init", "acme", "--template", name.get_name(), "--lang", lang.tag()]);
            let folder = scratch.path().join("acme");
            piped(&folder, &["check", "--strict"]);
            let written = fs::read_to_string(folder.join("pipeline.yaml")).unwrap();
            let process = pipeline::process::read("pipeline.yaml", &written).unwrap();
            assert_eq!(process.lang, *lang);
            assert_eq!(piped(&folder, &["add", "Loom sensors"]), "deal-1\n");
            // By the name that people see, in whichever language.
            for (index, stage) in process.open_stages().skip(1) {
                piped(&folder, &["move", "deal-1", stage.title(*lang)]);
                let at = piped(&folder, &["list", "--columns", "stage", "-f", "tsv"]);
                assert_eq!(at, format!("stage\n{}\n", process.stage_id(index)));
            }
            piped(&folder, &["win", "deal-1"]);
            piped(&folder, &["reopen", "deal-1", "--note", "not signed after all"]);
            piped(&folder, &["lose", "deal-1", "--reason", "price"]);
            piped(&folder, &["check", "--strict"]);
            assert_eq!(
                has_latin(&headings(&piped(&folder, &["stages", "-f", "markdown"]))),
                *lang == Lang::En
            );
        }
    }
}

#[test]
fn made_up_deals_keep_to_each_template() {
    for template in Template::value_variants() {
        let scratch = tempfile::tempdir().unwrap();
        let name = template.to_possible_value().unwrap();
        piped(scratch.path(), &["init", "acme", "--sample", "--deals", "60", "--template", name.get_name()]);
        piped(&scratch.path().join("acme"), &["check", "--strict"]);
    }
}

/// The headings of everything in a markdown text: titles, the first lines of tables, what stands first in the lines of
/// a table of one figure a line, and what pages call their parts; not the heads of pages, which are names.
fn headings(markdown: &str) -> String {
    let lines: Vec<&str> = markdown.lines().collect();
    let after = |index: usize| lines.get(index).copied().unwrap_or_default();
    let mut found = Vec::new();
    let mut figures = false;
    for (index, line) in lines.iter().enumerate() {
        let titles = line.starts_with("## ") && !after(index + 2).starts_with("- **");
        if titles || after(index + 1).starts_with("| ---") {
            found.push(*line);
            figures = line.starts_with("| 指標 | 數值");
        } else if figures && line.starts_with("| ") {
            found.extend(line.trim_start_matches("| ").split(" | ").next());
        } else if let Some(part) = line.strip_prefix("- **") {
            found.extend(part.split("**").next());
        }
    }
    found.join("\n")
}

/// A call of each command that shows a table, apart from reports; some change the folder, so that later ones have
/// something to show.
fn tables() -> Vec<String> {
    let mut tables = [
        "list",
        "show deal-42",
        "board --section board",
        "board --section stages",
        "board --section ages",
        "agenda",
        "agenda --by stage",
        "review",
        "stages",
        "stages --guide",
        "check",
        "duplicates",
        "log deal-42 call again",
        "undo --list",
        "add new",
        "move deal-5 proposal",
        "win deal-99",
        "lose deal-90 --reason price",
        "reopen deal-90 --note again",
        "disqualify deal-133 --reason price",
        "set deal-42 value=1",
        "merge deal-137 --into deal-6",
        "delete deal-3 --reason twice",
    ]
    .map(str::to_owned)
    .to_vec();
    let all = COLUMNS.iter().chain(&DERIVED).copied().collect::<Vec<_>>().join(",");
    tables.push(format!("list --columns {all}"));
    tables
}

/// Commands that show no table, or the same as `set`; and reports, which have a list of their own.
const WITHOUT: [&str; 13] = [
    "init",
    "edit",
    "reconcile",
    "import",
    "export",
    "renumber",
    "git",
    "convert",
    "report",
    "schema",
    "completions",
    "man",
    "help",
];

/// A call of each report in each of the ways that change what it shows.
fn reports() -> Vec<Vec<&'static str>> {
    let mut calls = Vec::new();
    for report in pipeline::metrics::REPORTS {
        let mut ask = |way: &[&'static str]| calls.push([&["report", report.name], way].concat());
        ask(&[]);
        ask(&["--explain"]);
        for option in report.takes {
            let ways: &[&[&str]] = match option {
                Takes::By => &[
                    &["--by", "owner,stage"],
                    &["--by", "team,week"],
                    &["--by", "month,source"],
                    &["--by", "quarter"],
                    &["--by", "year"],
                ],
                Takes::BySize => &[&["--by", "size"]],
                Takes::Curve => &[&["--curve"], &["--curve", "--explain"]],
                Takes::Probability => {
                    &[&["--probability", "history"], &["--probability", "history", "--explain"]]
                }
                Takes::Backtest => &[&["--backtest"], &["--backtest", "--explain"]],
                Takes::Idle => &[&["--idle", "30d"]],
                Takes::ByField => &[&["--by", "owner,stage"], &["--by", "team,source"]],
                Takes::Vs => &[&["--vs", "previous"], &["--vs", "previous", "--by", "team"]],
                Takes::VsAlways => &[&["--vs", "2026-Q1"]],
            };
            for way in ways {
                ask(way);
            }
        }
    }
    calls
}

/// Words that stand in most English sentences, and in no name of the example.
const ENGLISH: [&str; 16] = [
    "the", "of", "is", "are", "in", "to", "and", "that", "their", "each", "with", "without", "which", "none",
    "by", "at",
];

/// The lines of a text that say something in English: not commands, nor what `--ids` takes, such as `in needs`.
fn english(text: &str) -> Vec<&str> {
    let is_code = |line: &str| {
        line.contains("pipeline list") || line.starts_with("in ") || line.starts_with("- **對應商機**")
    };
    let says = |line: &&str| {
        line.split(|c: char| !c.is_ascii_alphabetic() && c != '_').any(|word| ENGLISH.contains(&word))
    };
    text.lines().filter(|line| !is_code(line)).filter(says).collect()
}

/// What a page shows, each text on a line of its own.
fn texts(page: &str) -> String {
    let body = page.rsplit("</style>").next().unwrap_or_default();
    let texts = body.split('<').filter_map(|element| element.split_once('>'));
    texts.map(|(_, text)| text).collect::<Vec<_>>().join("\n")
}

#[test]
fn no_report_speaks_english_to_a_reader_of_chinese() {
    let folder = copied();
    let mut calls = reports();
    // Nobody's deals, on a day to come: what reports say of too little.
    let empty = ["--as-of", "2026-12-31", "owner=nobody"];
    calls.extend(
        pipeline::metrics::REPORTS.iter().map(|report| [&["report", report.name], &empty[..]].concat()),
    );
    for call in calls {
        let shown = |format| piped(folder.path(), &[&call[..], &["--lang", "zh-TW", "-f", format]].concat());
        for text in [shown("markdown"), texts(&shown("html"))] {
            let found = english(&text);
            assert!(found.is_empty(), "{call:?}: {found:#?}");
        }
    }
}

#[test]
fn no_heading_is_left_in_english() {
    let folder = copied();
    let markdown = |arguments: &[&str]| {
        let asked = [arguments, &["--lang", "zh-TW", "-f", "markdown"]].concat();
        let shown = piped(folder.path(), &asked);
        let headings = headings(&shown);
        assert!(!headings.is_empty(), "{arguments:?} shows no table:\n{shown}");
        assert!(!has_latin(&headings), "{arguments:?}:\n{headings}");
        shown
    };
    let tables = tables();
    for words in &tables {
        markdown(&words.split(' ').collect::<Vec<_>>());
    }
    for arguments in reports() {
        markdown(&arguments);
    }
    for command in pipeline::commands::command_line().get_subcommands() {
        let name = command.get_name();
        let shown = tables.iter().any(|words| words.split(' ').next() == Some(name));
        assert!(shown || WITHOUT.contains(&name), "`pipeline {name}` is not looked at here");
    }
}

#[test]
fn on_a_terminal_chinese_lines_up() {
    let folder = copied();
    for columns in [80, 60] {
        for (arguments, lanes) in [
            ("list status=open", 6),
            ("list name~異物 --columns id,name,account,owner", 4),
            ("board", 3),
            ("board --section ages", 8),
            ("agenda", 6),
            ("stages", 7),
            ("report -q --section open", 5),
            ("report funnel -q --section funnel", 4),
            ("report funnel -q --section funnel --vs previous", 5),
            ("report bottlenecks -q --section act_on --period 2026", 7),
            ("show deal-58 --section history", 4),
        ] {
            let shown = on_terminal(folder.path(), columns, &format!("--lang zh-TW {arguments}"));
            for line in shown.lines() {
                assert!(line.width() <= columns, "{arguments} at {columns}: {} {line}", line.width());
            }
            // Under the cards of a board there is a table of its own.
            let shown = shown.split("\n\n停留天數\n").next().unwrap();
            // Narrower than its columns a table is blocks of lines.
            if let Some(rule) = shown.lines().position(|line| line.starts_with('─')) {
                let table: Vec<&str> = shown.lines().skip(rule + 1).collect();
                let headed: Vec<&str> = shown.lines().take(rule).last().into_iter().chain(table).collect();
                assert!(gaps(&headed) + 1 >= lanes, "{arguments} at {columns}:\n{shown}");
            } else {
                assert!(columns < 80, "{arguments}:\n{shown}");
            }
        }
    }
}

/// How many times, from left to right, all lines have two blanks at once.
fn gaps(lines: &[&str]) -> usize {
    let widest = lines.iter().map(|line| line.width()).max().unwrap_or(0);
    let blank = |column: usize| lines.iter().all(|line| at(line, column) == ' ');
    let mut gaps = 0;
    for column in 1..widest {
        let starts = blank(column - 1) && blank(column) && (column < 2 || !blank(column - 2));
        gaps += usize::from(starts);
    }
    gaps
}

/// What stands in a column of a line: the character that begins there or goes on there, blank behind its end.
fn at(line: &str, column: usize) -> char {
    let mut end = 0;
    let here = line.chars().find(|c| {
        end += c.to_string().width();
        end > column
    });
    here.unwrap_or(' ')
}

#[test]
fn what_is_out_of_line_is_seen() {
    assert_eq!(gaps(&["編號    名稱", "deal-1  永豐源"]), 1);
    assert_eq!(gaps(&["編號    名稱", "deal-1    永豐源"]), 1);
    assert_eq!(gaps(&["編號  名稱", "deal-1  永豐源"]), 0);
}

#[test]
fn a_move_tells_a_terminal_what_the_stage_is_about() {
    let folder = tempfile::tempdir().unwrap();
    piped(folder.path(), &["init", ".", "--template", "five"]);
    piped(folder.path(), &["add", "Loom sensors"]);
    let shown = on_terminal(folder.path(), 60, "move deal-1 qualification --lang zh-TW");
    assert_eq!(
        shown,
        "\
moved deal-1 from prospecting to qualification
資格確認
目標      預算、決策權、需求、時程是否存在，值得我們投入時
          間？
檢查清單  - 預算：問清楚問題目前造成多少成本，以及是否已編列
            經費
          - 決策權：問清楚由誰簽核，誰有否決權
          - 需求：用客戶自己的話把問題寫下來
          - 時程：問對方，如果到時候什麼都沒做會怎樣
          - 記下四個答案（pipeline set deal-1 budget=yes
            need=yes）；早點聽到「不」，省下一整季
"
    );
    for quiet in [
        "move deal-1 contact --dry-run",
        "move deal-1 contact -q",
        "move deal-1 contact",
        "move deal-1 proposal -f jsonl",
    ] {
        let shown = on_terminal(folder.path(), 60, quiet);
        assert!(!shown.contains("Goal"), "{quiet}:\n{shown}");
    }
    let unseen =
        command(env!("CARGO_BIN_EXE_pipeline"), folder.path()).args(["win", "deal-1"]).output().unwrap();
    assert_eq!(String::from_utf8(unseen.stderr).unwrap(), "won deal-1 from proposal\n");
}
