//! Everything that is built into the program may be passed on under this project's own licences.

#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

/// Licences that ask for no more than their text to be passed on too.
const FREE: [&str; 9] = [
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Zlib",
];

/// Whether one may choose only free licences of an SPDX expression.
fn is_free(expression: &str) -> bool {
    // Crates wrote `/` for OR before there was an expression for it.
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = &words[..];
    any(&mut rest) && rest.is_empty()
}

fn any(rest: &mut &[&str]) -> bool {
    let mut free = all(rest);
    while let ["OR", after @ ..] = *rest {
        *rest = after;
        free |= all(rest);
    }
    free
}

fn all(rest: &mut &[&str]) -> bool {
    let mut free = one(rest);
    while let ["AND", after @ ..] = *rest {
        *rest = after;
        free &= one(rest);
    }
    free
}

fn one(rest: &mut &[&str]) -> bool {
    match *rest {
        ["(", inside @ ..] => {
            *rest = inside;
            let free = any(rest);
            let [")", after @ ..] = *rest else { return false };
            *rest = after;
            free
        }
        [licence, "WITH", exception, after @ ..] => {
            *rest = after;
            FREE.contains(&&*format!("{licence} WITH {exception}"))
        }
        [licence, after @ ..] => {
            *rest = after;
            FREE.contains(licence)
        }
        [] => false,
    }
}

#[test]
fn an_expression_is_free_where_a_free_choice_is_left() {
    for free in
        ["MIT", "MIT/GPL-3.0", "(GPL-2.0 OR MIT) AND ISC", "Apache-2.0 WITH LLVM-exception OR GPL-2.0"]
    {
        assert!(is_free(free), "{free}");
    }
    for bound in [
        "",
        "GPL-3.0",
        "MIT AND GPL-3.0",
        "(MIT OR ISC) AND LGPL-2.1",
        "MIT ISC",
        "(MIT",
        "Apache-2.0 WITH X",
    ] {
        assert!(!is_free(bound), "{bound}");
    }
}

#[test]
fn what_is_built_in_is_free() {
    let cargo = |arguments: &[&str]| {
        let here =
            Command::new(env!("CARGO")).args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output();
        let ran = here.unwrap();
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        String::from_utf8(ran.stdout).unwrap()
    };
    // What other systems need is not fetched here, and this asks nothing of the network.
    let version = cargo(&["--version", "--verbose"]);
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let options =
        ["--format-version=1", "--locked", "--offline", "--all-features", "--filter-platform", host];
    let metadata: Value = serde_json::from_str(&cargo(&[&["metadata"][..], &options[..]].concat())).unwrap();
    let by_id = |list: &Value| -> BTreeMap<String, Value> {
        let list = list.as_array().unwrap().iter();
        list.map(|item| (item["id"].as_str().unwrap().to_owned(), item.clone())).collect()
    };
    let (packages, nodes) = (by_id(&metadata["packages"]), by_id(&metadata["resolve"]["nodes"]));
    // What only the tests use is not passed on.
    let built_in = |dependency: &&Value| {
        dependency["dep_kinds"].as_array().unwrap().iter().any(|kind| kind["kind"] != "dev")
    };
    let mut found = BTreeSet::new();
    let mut open = vec![metadata["resolve"]["root"].as_str().unwrap().to_owned()];
    while let Some(id) = open.pop() {
        let dependencies = nodes[&id]["deps"].as_array().unwrap().iter().filter(built_in);
        open.extend(dependencies.map(|dependency| dependency["pkg"].as_str().unwrap().to_owned()));
        if !found.insert(id) {
            open.retain(|id| !found.contains(id));
        }
    }
    assert!(found.len() > 50, "{found:?}");
    let bound: Vec<String> = found
        .iter()
        .map(|id| &packages[id])
        .filter(|package| !package["license"].as_str().is_some_and(is_free))
        .map(|package| format!("{} {}: {}", package["name"], package["version"], package["license"]))
        .collect();
    assert!(bound.is_empty(), "look at the licences of {bound:#?}");
}
